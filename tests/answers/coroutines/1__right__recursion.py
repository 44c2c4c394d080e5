async def follow(server, text, times):
    if times == 0:
        return text
    return await follow(server, await ask(server, text), times - 1)
