async def test_everybody(server):
    clients = [await connect(server, "/ws", timeout=1) for _ in range(3)]
    for round, speaker in enumerate(clients * 2):
        await speaker.send(str(round))
        for client in clients:
            assert await client.recv() == str(round)
    await clients.pop().abort()
    await clients[0].send("fence")
    assert [await client.recv() for client in clients] == ["fence", "fence"]
