async def follow(server, text, times):
    for _ in range(times):
        reply = await ask(server, text)
    return reply
