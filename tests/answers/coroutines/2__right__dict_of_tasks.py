async def ask_all(server, texts):
    tasks = {text: asyncio.create_task(ask(server, text)) for text in texts}
    return [await tasks[text] for text in texts]
