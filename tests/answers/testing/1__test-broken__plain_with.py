async def test_echo(server):
    with connect(server, "/ws") as ws:
        for text in ("hi", " a  b ", "again"):
            await ws.send(text)
            assert await ws.recv() == f"Message text was: {text}"
