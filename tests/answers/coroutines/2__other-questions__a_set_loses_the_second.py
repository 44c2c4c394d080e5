async def ask_all(server, texts):
    different = list(set(texts))
    replies = await asyncio.gather(*[ask(server, text) for text in different])
    found = dict(zip(different, replies))
    return [found[text] for text in texts]
