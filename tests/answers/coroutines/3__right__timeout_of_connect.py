async def ask_in_time(server, text, seconds):
    try:
        async with connect(server, "/ws", timeout=seconds) as client:
            await client.send(text)
            return await client.recv()
    except TimeoutError:
        return None
