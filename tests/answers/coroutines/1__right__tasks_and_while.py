async def follow(server, text, times):
    while times > 0:
        task = asyncio.create_task(ask(server, text))
        text = await task
        times -= 1
    return text
