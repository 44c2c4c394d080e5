orders_app = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int = Field(ge=1, le=99)


@orders_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for data in websocket.iter_json():
        try:
            order = Order.model_validate(data)
        except ValidationError as error:
            await websocket.send_json({"error": error.errors(include_url=False)})
        else:
            await websocket.send_text(order.model_dump_json())
