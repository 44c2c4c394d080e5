async def follow(server, text, times):
    replies = [text]
    while len(replies) <= times:
        replies.append(await ask(server, replies[-1]))
    return replies[-1]
