class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.active_connections:
            if connection.path_params["client_id"] != sender.path_params["client_id"]:
                await connection.send_text(text)


others_app = chat(ToOthers())
