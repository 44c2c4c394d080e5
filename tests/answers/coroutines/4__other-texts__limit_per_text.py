async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        while len(texts) < 2:
            texts.append(await asyncio.wait_for(client.recv(), seconds))
        await client.send("bye")
    return texts
