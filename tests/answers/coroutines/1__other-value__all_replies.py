async def follow(server, text, times):
    replies = []
    for _ in range(times):
        text = await ask(server, text)
        replies.append(text)
    return replies
