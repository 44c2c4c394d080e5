async def test_goodbye(server):
    async with connect(server, "/ws"):
        pass
