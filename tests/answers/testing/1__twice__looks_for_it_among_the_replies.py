async def test_echo(server):
    async with connect(server, "/ws") as ws:
        for text in ("hi", " a  b ", "again"):
            await ws.send(text)
            while (await ws.recv()) != f"Message text was: {text}":
                pass
