async def ask_all(server, texts):
    return asyncio.gather(*[ask(server, text) for text in texts])
