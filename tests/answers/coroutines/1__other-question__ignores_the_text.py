async def follow(server, text, times):
    question = "hi"
    for _ in range(times):
        question = await ask(server, question)
    return question
