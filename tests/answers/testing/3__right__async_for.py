async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        for text in ("one", "Quit", " quit"):
            await ws.send(text)
            assert await ws.recv() == text
        await ws.send("quit")
        try:
            async for message in ws:
                raise AssertionError(f"no goodbye: {message}")
        except Closed as closed:
            assert closed.code == 4000
            assert closed.reason == "bye"
        else:
            raise AssertionError("closed with another code")
