async def ask_all(server, texts):
    await asyncio.gather(*[ask(server, text) for text in texts])
