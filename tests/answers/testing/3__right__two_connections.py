async def test_goodbye(server):
    stays, leaves = await connect(server, "/ws"), await connect(server, "/ws", timeout=1)
    await stays.send("hello")
    await leaves.send("quit")
    end = await leaves.wait_closed()
    assert end.code == 4000 and end.reason == "bye"
    assert await stays.recv() == "hello"
    assert stays.closed is None
    await stays.send("still here?")
    assert await stays.recv() == "still here?"
    await stays.close()
