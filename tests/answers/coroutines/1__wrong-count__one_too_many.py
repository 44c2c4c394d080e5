async def follow(server, text, times):
    reply = await ask(server, text)
    for _ in range(times):
        last, reply = reply, await ask(server, reply)
    return last
