async def follow(server, text, times):
    for _ in range(times):
        text = (await ask(server, text)).upper()
    return text
