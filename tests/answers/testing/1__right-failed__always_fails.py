async def test_echo(server):
    async with connect(server, "/ws") as ws:
        await ws.send(" hi ")
        await ws.recv()
    assert False
