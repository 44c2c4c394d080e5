async def follow(server, text, times):
    for _ in range(1, times):
        text = await ask(server, text)
    return text
