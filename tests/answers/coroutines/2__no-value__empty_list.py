async def ask_all(server, texts):
    if texts:
        return await asyncio.gather(*[ask(server, text) for text in texts])
