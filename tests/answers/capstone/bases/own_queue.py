chat_app = FastAPI()
add_pages(chat_app, "capstone.html")


class Member:
    def __init__(self, websocket):
        self.websocket, self.room, self.name = websocket, None, ""
        self.outbox, self.budget, self.seen = asyncio.Queue(500), 20.0, time.monotonic()

    async def send(self, **message):
        self.outbox.put_nowait(message)

    async def write(self):
        while True:
            message = await self.outbox.get()
            async with asyncio.timeout(0.3):
                await self.websocket.send_json(message)

    def too_fast(self):
        now = time.monotonic()
        self.budget = min(20.0, self.budget + 20 * (now - self.seen)) - 1
        self.seen = now
        return self.budget < 0

    async def read(self):
        while (message := await self.websocket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                return 1003
            if len(text.encode()) > 65536:
                return 1009
            if self.too_fast():
                return 1008
            if error := await self.handle(text):
                await self.send(type="error", code=error, hint="see the table")
        return None

    async def handle(self, text):
        try:
            command = json.loads(text)
            kind = command["type"]
            words = [command[key] for key in {"join": ("room", "name"), "say": ("text",)}[kind]]
            assert all(isinstance(word, str) for word in words)
            assert kind == "say" or all(1 <= len(word) <= 20 for word in words)
        except (ValueError, TypeError, KeyError, AssertionError):
            return "invalid"
        if kind == "say":
            return await self.say(words[0]) if self.room else "not-joined"
        if self.room:
            return "already-joined"
        return await self.join(rooms.setdefault(words[0], ChatRoom(words[0])), words[1], command.get("last"))

    async def join(self, room, name, last):
        if any(member.name == name for member in room.members):
            return "name-taken"
        await room.tell(type="joined", name=name)
        self.room, self.name = room, name
        room.members.append(self)
        names = sorted(member.name for member in room.members)
        await self.send(type="welcome", room=room.name, name=name, present=names, last=len(room.said))
        start = max(len(room.said) - (10 if last is None else 100), last or 0)
        for message in room.said[start:]:
            await self.send(**message)

    async def say(self, text):
        if text == "/who":
            await self.send(type="who", names=sorted(member.name for member in self.room.members))
        elif text.startswith("/me "):
            await self.room.say("did", self.name, text[4:])
        elif text.startswith("/"):
            return "unknown-command"
        else:
            await self.room.say("said", self.name, text)


class ChatRoom:
    def __init__(self, name):
        self.name, self.members, self.said = name, [], []

    async def say(self, kind, name, text):
        self.said.append({"type": kind, "id": len(self.said) + 1, "name": name, "text": text})
        await self.tell(**self.said[-1])

    async def tell(self, **message):
        for member in list(self.members):
            await member.send(**message)


rooms = {}


@chat_app.websocket("/ws")
async def chat(websocket: WebSocket):
    await websocket.accept()
    member = Member(websocket)
    reader, writer = asyncio.create_task(member.read()), asyncio.create_task(member.write())
    try:
        await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        slow = writer.done() and isinstance(writer.exception(), TimeoutError)
        code = 1013 if slow else reader.result() if reader.done() else None
    finally:
        reader.cancel()
        writer.cancel()
        if member.room:
            member.room.members.remove(member)
            await member.room.tell(type="left", name=member.name)
    if code:
        await websocket.close(code)
