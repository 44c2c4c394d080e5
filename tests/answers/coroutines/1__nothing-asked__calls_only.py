async def follow(server, text, times):
    for _ in range(times):
        ask(server, text)
    return text
