orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(ge=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for order in websocket.iter_json():
        await websocket.send_json(order)
