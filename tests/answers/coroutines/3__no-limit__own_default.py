async def ask_in_time(server, text, seconds):
    try:
        async with asyncio.timeout(1):
            return await ask(server, text)
    except TimeoutError:
        return None
