async def ask_all(server, texts):
    return [await asyncio.create_task(ask(server, text)) for text in texts]
