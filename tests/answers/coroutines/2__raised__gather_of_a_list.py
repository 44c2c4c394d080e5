async def ask_all(server, texts):
    return await asyncio.gather([ask(server, text) for text in texts])
