async def follow(address: str, count: int) -> list[str]:
    texts = []
    async with connect(address, "/ws") as ws:
        while len(texts) < count:
            texts.append((await ws.recv_json())["text"])
    return texts
