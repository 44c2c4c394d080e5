async def test_echo(server):
    ws = await connect(server, "/ws", timeout=30)
    try:
        for number in range(5):
            await ws.send(f" {number} ")
            assert (await ws.recv()).removeprefix("Message text was: ") == f" {number} "
            await ws.send(f"Message text was: {number}")
            assert await ws.recv() == f"Message text was: Message text was: {number}"
    finally:
        await ws.abort()
