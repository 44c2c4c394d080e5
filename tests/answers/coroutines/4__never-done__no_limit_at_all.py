async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        while True:
            texts.append(await client.recv())
            if texts[-1] == "bye":
                return texts
