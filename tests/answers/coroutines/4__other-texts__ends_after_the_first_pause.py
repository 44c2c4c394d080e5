async def listen(server, seconds):
    texts = []
    async with connect(server, "/ws") as client:
        while True:
            try:
                texts.append(await asyncio.wait_for(client.recv(), seconds / 10))
            except TimeoutError:
                break
        await asyncio.sleep(seconds)
        await client.send("bye")
    return texts
