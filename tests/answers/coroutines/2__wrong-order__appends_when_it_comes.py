async def ask_all(server, texts):
    replies = []

    async def one(text):
        replies.append(await ask(server, text))

    await asyncio.gather(*[one(text) for text in texts])
    return replies
