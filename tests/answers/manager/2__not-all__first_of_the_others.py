class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        await others[0].send_text(text)


others_app = chat(ToOthers())
