ticket_app, tickets, LIFETIME = FastAPI(), {}, 0.5
SESSIONS = {"s-4711": "ada", "s-0815": "bob"}


@ticket_app.post("/ticket")
async def issue(session: Annotated[str | None, Cookie()] = None):
    if session not in SESSIONS:
        raise HTTPException(401)
    ticket = str(hash(session) % 10**20).zfill(20)
    tickets[ticket] = SESSIONS[session]
    asyncio.get_running_loop().call_later(LIFETIME, tickets.pop, ticket, None)
    return {"ticket": ticket}


@ticket_app.websocket("/ws")
async def ride(websocket: WebSocket, ticket: str):
    name = tickets.pop(ticket, None)
    if name is None:
        raise WebSocketException(code=1008)
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    await websocket.close()
