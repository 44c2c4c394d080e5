switch_app = FastAPI()


@switch_app.websocket("/ws")
async def switch(websocket: WebSocket):
    await websocket.accept()
    ticking, receiving = False, asyncio.create_task(websocket.receive_text())
    try:
        while True:
            done, _ = await asyncio.wait([receiving], timeout=0.1 if ticking else None)
            if not done:
                await websocket.send_text("tick")
                continue
            text = receiving.result()
            if text == "off":
                ticking = False
                await websocket.send_text("stopped")
            elif text == "on" and not ticking:
                ticking = True
                await websocket.send_text("tick")
            receiving = asyncio.create_task(websocket.receive_text())
    except WebSocketDisconnect:
        pass
    finally:
        receiving.cancel()
