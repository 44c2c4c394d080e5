"""Common mistakes are named where the source or the log proves them, and nowhere else."""

from __future__ import annotations

import pytest

from course_app.checks.common_mistakes import find_mistake
from course_app.messages import mistake as mistake_text

DISCONNECTED = 'starlette.websockets.WebSocketDisconnected: Cannot call "send" once a close message has been sent.'
MANAGER = "\nclass Manager:\n    {} connect(self, websocket):\n        pass\n"
LOOP = "while True:\n    try:\n        {}\n    except {}:\n        {}"
RECEIVE = "await websocket.receive_text()"


def endpoint(body: str) -> str:
    lines = ["await websocket.accept()", *body.splitlines()]
    head = 'app = FastAPI()\n\n@app.websocket("/ws")\nasync def echo(websocket: WebSocket):\n'
    return head + "".join(f"    {line}\n" for line in lines)


WRONG = {
    "without-await": [
        endpoint("websocket.send_text('hi')"),
        endpoint("for one in everybody:\n    one.send_text('hi')"),
        endpoint("asyncio.sleep(1)"),
        endpoint("say('hi')") + "\nasync def say(text):\n    pass\n",
        endpoint("manager.connect(websocket)") + MANAGER.format("async def"),
        "async def once(socket: WebSocket):\n    socket.accept()\n",
    ],
    "without-parentheses": [endpoint("await websocket.close"), "async def f(ws):\n    ws.accept\n"],
    "plain-def": ["@app.websocket('/ws')\ndef echo(websocket: WebSocket):\n    pass\n"],
    "without-annotation": ["@app.websocket('/ws')\nasync def echo(websocket):\n    await websocket.accept()\n"],
    "accept-in-loop": ["async def f(ws: WebSocket):\n    while True:\n        await ws.accept()\n"],
    "except-in-loop": [
        endpoint(LOOP.format(RECEIVE, "WebSocketDisconnect", "pass")),
        endpoint(LOOP.format(RECEIVE, "Exception", "continue")),
        endpoint(LOOP.format(RECEIVE, "BaseException", "print('gone')")),
    ],
    "blocking-sleep": [endpoint("time.sleep(1)")],
}


@pytest.mark.parametrize(("name", "source"), [(name, source) for name, sources in WRONG.items() for source in sources])
def test_a_mistake_in_the_source_is_named(name: str, source: str) -> None:
    found = find_mistake(source)
    assert found is not None and found.name == name
    assert "{" not in mistake_text(found.name, **found.fields)


RIGHT = [
    endpoint("await websocket.send_text('hi')"),
    endpoint(LOOP.format(RECEIVE, "WebSocketDisconnect", "return")),
    endpoint(LOOP.format(f"check({RECEIVE})", "ValueError", "continue")),
    endpoint("file.close()\nclient.send('hi')\nqueue.put_nowait(1)"),
    endpoint("task = asyncio.create_task(websocket.send_text('hi'))\nawait task"),
    endpoint("await asyncio.gather(*(one.send_text('hi') for one in everybody))"),
    endpoint("manager.connect(websocket)") + MANAGER.format("def"),
    "@app.websocket('/rooms/{room}/ws')\nasync def chat(room, websocket: WebSocket):\n    await websocket.accept()\n",
    "this is no Python",
    "x = " + "[" * 100_000,
]


@pytest.mark.parametrize("source", RIGHT, ids=range(len(RIGHT)))
def test_nothing_is_named_that_the_answer_does_not_do(source: str) -> None:
    assert find_mistake(source) is None


def test_the_log_and_the_frames_prove_what_the_source_does_not() -> None:
    source = endpoint("text = websocket.receive_text()\nawait websocket.send_text(f'{text}')")
    found = find_mistake(source, [], "< TEXT '<coroutine object WebSocket.receive_text at 0x7f>'")
    assert found is not None and (found.name, found.fields) == ("never-awaited", {"name": "receive_text"})
    log = ["AttributeError: 'dict' object has no attribute 'encode'"]
    found = find_mistake(endpoint("await websocket.send_text({})"), log)
    assert found is not None and (found.name, found.fields["kind"]) == ("no-text", "dict")


def test_going_on_after_close_is_named_only_with_the_log() -> None:
    goes_on = endpoint("await websocket.close()\nawait websocket.send_text('hi')")
    found = find_mistake(goes_on, [DISCONNECTED])
    assert found is not None and found.name == "no-return-after-close"
    assert find_mistake(goes_on) is None
    returns = endpoint("if bad:\n    await websocket.close()\n    return\nawait websocket.send_text('hi')")
    assert find_mistake(returns, [DISCONNECTED]) is None
