async def listen(server, seconds):
    loop = asyncio.get_running_loop()
    end, texts = loop.time() + seconds, []
    client = await connect(server, "/ws")
    while (left := end - loop.time()) > 0:
        try:
            texts.append(await asyncio.wait_for(client.recv(), left))
        except asyncio.TimeoutError:
            break
    await client.send("bye")
    await client.close()
    return texts
