orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(ge=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            text = await websocket.receive_text()
        except Exception:
            break
        try:
            order = Order.model_validate_json(text)
        except ValidationError as error:
            await websocket.send_json({"error": {".".join(map(str, e["loc"])): e["msg"] for e in error.errors()}})
            continue
        await websocket.send_json(dict(order))
