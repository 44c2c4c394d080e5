async def listen(server, seconds):
    async with connect(server, "/ws") as client:
        try:
            async with asyncio.timeout(seconds):
                return [text async for text in client]
        except TimeoutError:
            await client.send("bye")
