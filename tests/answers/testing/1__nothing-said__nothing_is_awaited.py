async def test_echo(server):
    async with connect(server, "/ws") as ws:
        for text in ("hi", " a  b ", "again"):
            ws.send(text)
            assert ws.recv() == f"Message text was: {text}"
