import asyncio


async def test_in_time(server):
    ws = await connect(server, "/ws", timeout=9)
    for text in ("one", "two"):
        await ws.send(text)
        reply = await asyncio.wait_for(ws.recv(), timeout=0.6)
        assert reply == text, reply
    await ws.close()
