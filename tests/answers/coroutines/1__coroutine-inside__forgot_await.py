async def follow(server, text, times):
    for _ in range(times):
        text = ask(server, text)
    return await text
