async def ask_all(server, texts):
    return [ask(server, text) for text in texts]
