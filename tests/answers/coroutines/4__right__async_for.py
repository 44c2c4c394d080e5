async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        try:
            async with asyncio.timeout(seconds):
                async for text in client:
                    texts.append(text)
        except TimeoutError:
            pass
        await client.send("bye")
    return texts
