from typing import Literal

calculator_app = FastAPI()


class Call(BaseModel):
    op: Literal["add", "sub", "mul"]
    a: float
    b: float


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        call = Call.model_validate_json(text)
        results = {"add": call.a + call.b, "sub": call.a - call.b, "mul": call.a * call.b}
        await websocket.send_json({"result": results[call.op]})
