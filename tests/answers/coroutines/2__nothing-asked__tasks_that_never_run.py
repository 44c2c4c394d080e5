async def ask_all(server, texts):
    replies = []
    for text in texts:
        replies.append(lambda: ask(server, text))
    return replies
