async def listen(server, seconds):
    texts = []
    try:
        async with connect(server, "/ws") as client, asyncio.timeout(seconds):
            while True:
                texts.append(await client.recv())
    except TimeoutError:
        await client.send("bye")
    return texts
