orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(gt=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        try:
            order = Order.model_validate_json(text)
        except ValidationError as error:
            await websocket.send_json({"error": str(error)})
        else:
            await websocket.send_text(order.model_dump_json())
