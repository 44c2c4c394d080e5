def test_echo(server):
    ws = connect(server, "/ws")
    ws.send("hi")
    assert ws.recv() == "Message text was: hi"
