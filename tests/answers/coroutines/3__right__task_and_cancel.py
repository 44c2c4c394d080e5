async def ask_in_time(server, text, seconds):
    task = asyncio.create_task(ask(server, text))
    done, _ = await asyncio.wait([task], timeout=seconds)
    if done:
        return task.result()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return None
