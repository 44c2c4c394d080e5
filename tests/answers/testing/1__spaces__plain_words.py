async def test_echo(server):
    async with connect(server, "/ws") as ws:
        for text in ("hi", "again", "a b"):
            await ws.send(text)
            reply = await ws.recv()
            assert reply == f"Message text was: {text}"
