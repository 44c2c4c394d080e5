import asyncio


async def test_everybody(server):
    clients = [await connect(server, "/ws", timeout=5) for _ in range(4)]
    for number, speaker in enumerate(clients):
        await speaker.send(f"text {number}")
        got = await asyncio.gather(*(client.recv() for client in clients))
        assert set(got) == {f"text {number}"}
    await clients.pop(1).close()
    for number, speaker in enumerate(clients):
        await speaker.send(f"later {number}")
        got = await asyncio.gather(*(client.recv() for client in clients))
        assert set(got) == {f"later {number}"}
    for client in clients:
        await client.close()
