async def test_everybody(server):
    async with connect(server, "/ws"), connect(server, "/ws"):
        pass
