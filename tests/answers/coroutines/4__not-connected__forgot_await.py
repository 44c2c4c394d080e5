async def listen(server, seconds):
    texts = []
    client = connect(server, "/ws")
    await asyncio.sleep(seconds)
    return texts
