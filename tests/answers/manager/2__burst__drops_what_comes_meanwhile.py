class ToOthers(Manager):
    busy = None

    async def broadcast(self, text: str, sender: WebSocket):
        if self.busy and not self.busy.done():
            return
        self.busy = asyncio.ensure_future(self.spread(text, sender))

    async def spread(self, text, sender):
        await asyncio.sleep(0.01)
        for connection in self.active_connections:
            if connection is not sender:
                await connection.send_text(text)


others_app = chat(ToOthers())
