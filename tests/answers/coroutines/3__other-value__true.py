async def ask_in_time(server, text, seconds):
    try:
        async with asyncio.timeout(seconds):
            await ask(server, text)
            return True
    except TimeoutError:
        return None
