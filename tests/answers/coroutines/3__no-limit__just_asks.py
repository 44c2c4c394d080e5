async def ask_in_time(server, text, seconds):
    return await ask(server, text)
