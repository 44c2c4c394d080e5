async def follow(server, text, times):
    for _ in range(times):
        text = await ask(server, question)
    return text
