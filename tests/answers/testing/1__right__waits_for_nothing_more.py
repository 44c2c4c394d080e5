async def test_echo(server):
    async with connect(server, "/ws", timeout=0.3) as ws:
        for text in ("Hello", "  padded  ", "third"):
            await ws.send(text)
            reply = await ws.recv()
            assert isinstance(reply, str)
            assert reply == "Message text was: " + text
        with pytest.raises(WaitTimeout):
            await ws.recv()
