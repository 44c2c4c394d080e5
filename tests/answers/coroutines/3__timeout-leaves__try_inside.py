async def ask_in_time(server, text, seconds):
    async with asyncio.timeout(seconds):
        try:
            return await ask(server, text)
        except TimeoutError:
            return None
