orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(ge=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        try:
            order = Order.model_validate_json(text)
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, one["loc"])) or "no JSON" for one in error.errors())
            await websocket.send_json({"error": wrong or "no order"})
            continue
        await websocket.send_json(order.model_dump())
