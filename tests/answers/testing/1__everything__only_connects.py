async def test_echo(server):
    async with connect(server, "/ws"):
        pass
