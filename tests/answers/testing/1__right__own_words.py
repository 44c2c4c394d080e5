async def test_echo(server):
    ws = await connect(server, "/ws")
    texts = ["", " ", "  Zoë ☂ ", "x" * 500]
    for text in texts:
        await ws.send(text)
    replies = [await ws.recv() for _ in texts]
    assert replies == ["Message text was: " + text for text in texts]
