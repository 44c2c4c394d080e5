async def follow(address: str, count: int) -> list[str]:
    texts, last_id = [], ""
    while len(texts) < count:
        try:
            async with connect(address, "/ws", query={"last_id": last_id}) as ws:
                while len(texts) < count:
                    message = await ws.recv_json()
                    texts.append(message["text"])
                    last_id = message["id"]
        except Closed as closed:
            pass
        except Refused as refused:
            pass
        await asyncio.sleep(0.05)
    return texts
