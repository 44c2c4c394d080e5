async def ask_all(server, texts):
    turns = asyncio.Semaphore(2)

    async def one(text):
        async with turns:
            return await ask(server, text)

    return await asyncio.gather(*map(one, texts))
