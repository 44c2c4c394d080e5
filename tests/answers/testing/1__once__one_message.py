async def test_echo(server):
    for text in ("hi", " hi ", "again"):
        async with connect(server, "/ws") as ws:
            await ws.send(text)
            assert await ws.recv() == f"Message text was: {text}"
