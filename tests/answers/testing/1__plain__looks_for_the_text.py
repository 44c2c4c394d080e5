async def test_echo(server):
    async with connect(server, "/ws") as ws:
        for text in ("hi", " a  b ", "again"):
            await ws.send(text)
            assert text in await ws.recv()
