async def ask_in_time(server, text, seconds):
    task = asyncio.create_task(ask(server, text))
    await asyncio.wait([task], timeout=seconds)
    return task.result() if task.done() else None
