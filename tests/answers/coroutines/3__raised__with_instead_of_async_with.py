async def ask_in_time(server, text, seconds):
    try:
        with asyncio.timeout(seconds):
            return await ask(server, text)
    except TimeoutError:
        return None
