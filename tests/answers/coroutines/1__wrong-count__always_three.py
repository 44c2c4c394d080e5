async def follow(server, text, times):
    for _ in range(3):
        text = await ask(server, text)
    return text
