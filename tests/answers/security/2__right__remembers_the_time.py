ticket_app, tickets, LIFETIME = FastAPI(), {}, 0.5
SESSIONS = {"s-4711": "ada", "s-0815": "bob"}


@ticket_app.post("/ticket")
async def issue(session: Annotated[str | None, Cookie()] = None):
    if session not in SESSIONS:
        raise HTTPException(401)
    ticket = secrets.token_hex(16)
    tickets[ticket] = SESSIONS[session], time.monotonic()
    return {"ticket": ticket}


@ticket_app.websocket("/ws")
async def ride(websocket: WebSocket, ticket: str = ""):
    name, made = tickets.pop(ticket, ("", 0.0))
    if time.monotonic() - made > LIFETIME:
        raise HTTPException(403, "no such ticket")
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    await websocket.close()
