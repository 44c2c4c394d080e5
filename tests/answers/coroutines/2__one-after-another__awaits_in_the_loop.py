async def ask_all(server, texts):
    replies = []
    for text in texts:
        replies.append(await ask(server, text))
    return replies
