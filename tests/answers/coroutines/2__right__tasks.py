async def ask_all(server, texts):
    tasks = [asyncio.create_task(ask(server, text)) for text in texts]
    return [await task for task in tasks]
