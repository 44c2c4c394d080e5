async def listen(server, seconds):
    texts = []
    try:
        async with asyncio.timeout(seconds):
            async with connect(server, "/ws") as client:
                while True:
                    texts.append(await client.recv())
    except TimeoutError:
        pass
    return texts
