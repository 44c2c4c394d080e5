async def status(server, path):
    try:
        ws = await connect(server, path)
    except Refused as refusal:
        return refusal.status
    text = await ws.recv()
    await ws.close()
    return text


async def test_door(server):
    paths = ["/ws?token=open", "/ws", "/ws?token=", "/ws?token=opens", "/ws?token=open&token=x"]
    found = [await status(server, path) for path in paths[:4]]
    assert found == ["welcome", 403, 403, 403]
