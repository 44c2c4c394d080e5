import json

orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(ge=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        try:
            await websocket.send_json(Order.model_validate(json.loads(text)).model_dump())
        except ValueError as error:
            await websocket.send_json({"error": str(error)})
