async def follow(server, text, times):
    async with connect(server, "/ws") as client:
        for _ in range(times):
            await client.send(text)
            text = await client.recv()
    return text
