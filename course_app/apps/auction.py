"""An auction that is easy to test, because its state is a dependency: `fastapi dev course_app/apps/auction.py`."""

import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket

from course_app.apps.manager import ConnectionManager
from course_app.apps.pages import add_pages

app = FastAPI(title="Auction")
add_pages(app, "auction.html")
manager = ConnectionManager()
HOUSE = {"best": 0, "patience": 60.0}


def house() -> dict:
    return HOUSE


@app.websocket("/ws")
async def auction(websocket: WebSocket, name: str, house: Annotated[dict, Depends(house)]):
    bidder = await manager.connect(websocket, name)
    clock = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(house["patience"]) as idle:
            async for text in bidder:
                idle.reschedule(clock.time() + house["patience"])
                if len(text) < 9 and text.isdecimal() and int(text) > house["best"]:
                    house["best"] = int(text)
                    manager.broadcast(f"{name} bids {text}")
                else:
                    bidder.send("too low")
    except TimeoutError:
        bidder.disconnect(4408, "going, going, gone")
    finally:
        manager.disconnect(bidder)
        await bidder.close()
