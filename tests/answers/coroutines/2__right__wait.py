async def ask_all(server, texts):
    if not texts:
        return []
    tasks = [asyncio.ensure_future(ask(server, text)) for text in texts]
    await asyncio.wait(tasks)
    return list(map(asyncio.Task.result, tasks))
