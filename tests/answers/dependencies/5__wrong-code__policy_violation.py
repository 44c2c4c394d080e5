budget_app = FastAPI()


class Budget:
    def __init__(self, limit: int = 3):
        self.left = limit

    def spend(self) -> None:
        if not self.left:
            raise WebSocketException(1008, "budget spent")
        self.left -= 1


@budget_app.websocket("/ws")
async def talk(websocket: WebSocket, budget: Annotated[Budget, Depends()]):
    await websocket.accept()
    async for text in websocket.iter_text():
        budget.spend()
        await websocket.send_text(text)
