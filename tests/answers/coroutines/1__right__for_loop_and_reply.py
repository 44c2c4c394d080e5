async def follow(server, text, times):
    reply = text
    for _ in range(times):
        reply = await ask(server, reply)
    return reply
