async def ask_in_time(server, text, seconds):
    try:
        async with asyncio.timeout(seconds):
            return await ask(server, text)
    except:
        return None
