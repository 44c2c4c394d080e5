async def follow(address: str, count: int) -> list[str]:
    texts, last_id = [], ""
    while len(texts) < count:
        try:
            async with connect(address, "/ws", query={"last_id": last_id}) as ws:
                while len(texts) < count:
                    message = await ws.recv_json()
                    texts.append(message["text"])
                    last_id = str(int(message["id"]) + 1)
        except Closed as closed:
            if closed.code not in (1006, 1012):
                raise
        except Refused as refused:
            if refused.status != 503:
                raise
        await asyncio.sleep(0.05)
    return texts
