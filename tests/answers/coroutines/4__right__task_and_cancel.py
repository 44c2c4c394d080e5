async def listen(server, seconds):
    texts = []

    async def collect(client):
        try:
            while True:
                texts.append(await client.recv())
        finally:
            await client.send("bye")

    async with connect(server, "/ws") as client:
        task = asyncio.create_task(collect(client))
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.wait([task])
    return texts
