async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        await client.send("bye")
        try:
            async with asyncio.timeout(seconds):
                while True:
                    texts.append(await client.recv())
        except TimeoutError:
            return texts
