async def ask_in_time(server, text, seconds):
    try:
        return await asyncio.wait_for(ask(server, text), seconds)
    except asyncio.TimeoutError:
        return None
