async def ask_in_time(server, text, seconds):
    async with asyncio.timeout(seconds):
        return await ask(server, text)
