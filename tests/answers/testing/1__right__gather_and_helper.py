import asyncio


async def ask(ws, text):
    await ws.send(text)
    return await ws.recv()


async def test_echo(server):
    async def client(texts):
        async with connect(server, "/ws") as ws:
            assert [await ask(ws, text) for text in texts] == [f"Message text was: {text}" for text in texts]

    await asyncio.gather(client(["a", " b "]), client([" c", "d ", ""]))
