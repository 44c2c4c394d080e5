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
            wrong = ", ".join(str(part) for one in error.errors() for part in one["loc"])
            await websocket.send_json({"error": f"wrong: {wrong} in {text}", "sent": text})
        else:
            await websocket.send_json({"item": order.item, "quantity": order.quantity, "error": None})
