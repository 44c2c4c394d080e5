here_app = FastAPI()
from course_app.apps.manager import ConnectionManager

here = ConnectionManager()


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    client = await here.connect(websocket, str(client_id))
    try:
        async for text in client:
            client.send("here" if text in here.present() else "away")
    finally:
        here.disconnect(client)
        await client.close()
