async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        async with asyncio.timeout(seconds):
            while True:
                texts.append(await client.recv())
        await client.send("bye")
    return texts
