async def ask_in_time(server, text, seconds):
    task = asyncio.create_task(ask(server, text))
    await asyncio.sleep(seconds)
    if not task.done():
        task.cancel()
        return None
    return task
