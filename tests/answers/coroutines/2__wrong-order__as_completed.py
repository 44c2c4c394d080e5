async def ask_all(server, texts):
    questions = [ask(server, text) for text in texts]
    return [await reply for reply in asyncio.as_completed(questions)]
