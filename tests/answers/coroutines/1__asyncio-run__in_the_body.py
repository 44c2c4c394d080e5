async def follow(server, text, times):
    for _ in range(times):
        text = asyncio.run(ask(server, text))
    return text
