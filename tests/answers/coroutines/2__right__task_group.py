async def ask_all(server, texts):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(server, text)) for text in texts]
    return [task.result() for task in tasks]
