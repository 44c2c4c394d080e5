async def listen(server, seconds):
    async with connect(server, "/ws") as client:
        async with asyncio.timeout(seconds):
            texts = [await client.recv()]
        await client.send("bye")
    return texts
