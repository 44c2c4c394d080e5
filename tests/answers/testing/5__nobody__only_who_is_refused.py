async def test_door(server):
    for path in ("/ws", "/ws?token=closed", "/ws?token="):
        with pytest.raises(Refused) as refusal:
            await connect(server, path)
        assert refusal.value.status == 403
