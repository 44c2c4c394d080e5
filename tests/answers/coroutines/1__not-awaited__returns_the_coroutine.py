async def follow(server, text, times):
    for _ in range(times - 1):
        text = await ask(server, text)
    return ask(server, text)
