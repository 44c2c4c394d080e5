class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            if connection is not sender:
                try:
                    await connection.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    [
                        asyncio.ensure_future(one.close())
                        for one in self.active_connections
                        if one.application_state.name == "CONNECTED"
                    ]


surviving_app = chat(Surviving())
