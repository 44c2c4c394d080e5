once_app = FastAPI()


async def endpoint(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("".join(("Message text was: ", await socket.receive_text())))
    await socket.close()


once_app.add_api_websocket_route("/ws", endpoint)
