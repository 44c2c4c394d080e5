"""An auction whose state is a dependency, which a test can replace: `fastapi dev course_app/apps/auction.py`."""

import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket

from course_app.apps.manager import ConnectionManager
from course_app.apps.pages import add_pages

app = FastAPI(title="Auction")
add_pages(app, "auction.html")
manager = ConnectionManager()
STATE = {"best_bid": 0, "idle_timeout": 60.0}


def get_state() -> dict:
    return STATE


@app.websocket("/ws")
async def auction(websocket: WebSocket, name: str, state: Annotated[dict, Depends(get_state)]):
    bidder = await manager.connect(websocket, name)
    clock = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(state["idle_timeout"]) as idle:
            async for text in bidder:
                idle.reschedule(clock.time() + state["idle_timeout"])
                if len(text) < 9 and text.isdecimal() and int(text) > state["best_bid"]:
                    state["best_bid"] = int(text)
                    manager.broadcast(f"{name} bids {text}")
                else:
                    bidder.send("too low")
    except TimeoutError:
        bidder.disconnect(4408, "going, going, gone")
    finally:
        manager.disconnect(bidder)
        await bidder.close()
