async def follow(server, text, times):
    question = text
    for _ in range(times):
        question = await ask(server, question)
    return text
