clients = []


async def listen(server, seconds):
    texts = []
    client = await connect(server, "/ws")
    clients.append(client)
    try:
        async with asyncio.timeout(seconds):
            while True:
                texts.append(await client.recv())
    except TimeoutError:
        await client.send("bye")
    return texts
