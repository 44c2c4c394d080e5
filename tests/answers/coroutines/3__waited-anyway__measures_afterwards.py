import time


async def ask_in_time(server, text, seconds):
    began = asyncio.get_running_loop().time()
    reply = await ask(server, text)
    return reply if asyncio.get_running_loop().time() - began <= seconds else None
