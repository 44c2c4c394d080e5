async def ask_in_time(server, text, seconds):
    try:
        async with asyncio.timeout(seconds):
            return ask(server, text)
    except TimeoutError:
        return None
