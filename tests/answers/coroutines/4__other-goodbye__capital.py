async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    texts.append(await client.recv())
        except TimeoutError:
            await client.send("Bye")
    return texts
