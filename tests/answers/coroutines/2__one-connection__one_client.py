async def ask_all(server, texts):
    async with connect(server, "/ws") as client:
        for text in texts:
            await client.send(text)
        return [await client.recv() for _ in texts]
