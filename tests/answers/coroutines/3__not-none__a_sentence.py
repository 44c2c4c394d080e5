async def ask_in_time(server, text, seconds):
    try:
        return await asyncio.wait_for(ask(server, text), timeout=seconds)
    except TimeoutError:
        return "too long"
