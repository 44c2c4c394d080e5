async def ask_in_time(server, text, seconds):
    reply = None
    try:
        async with asyncio.timeout(seconds):
            reply = await ask(server, text)
    except TimeoutError:
        pass
    return reply
