async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws", timeout=2 * seconds) as client:
        try:
            while True:
                texts.append(await client.recv())
        except TimeoutError:
            await client.send("bye")
    return texts
