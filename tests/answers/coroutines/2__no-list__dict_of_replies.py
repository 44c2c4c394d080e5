async def ask_all(server, texts):
    replies = await asyncio.gather(*[ask(server, text) for text in texts])
    return dict(zip(texts, replies))
