async def follow(server, text, times):
    replies = await asyncio.gather(*[ask(server, text) for _ in range(times)])
    return replies[-1]
