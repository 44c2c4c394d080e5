async def ask_all(server, texts):
    questions = (ask(server, text) for text in texts)
    return tuple(await asyncio.gather(*questions))
