async def follow(address: str, count: int) -> list[str]:
    texts, last_id, pause = [], "", 0.05
    while len(texts) < count:
        try:
            async with connect(address, "/ws", query={"last_id": last_id}) as ws:
                while len(texts) < count:
                    message = await ws.recv_json()
                    texts.append(message["text"])
                    last_id = message["id"]
        except Closed as closed:
            if closed.code not in (1006, 1012):
                raise
        except Refused as refused:
            if refused.status != 503:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, 1)
    return texts
