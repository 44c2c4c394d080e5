async def ask_all(server, texts):
    tasks = [asyncio.create_task(ask(server, text)) for text in texts]
    await asyncio.gather(*tasks)
    return tasks
