"""What lessons 05 and 06 say where no cell of theirs runs, most of it in folds, is true."""

from typing import Annotated, Union

import pytest
from fastapi import Cookie, Depends, FastAPI, Query, WebSocket
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer

from course_app import Refused, connect, serve

app = FastAPI()
ended: list[str] = []
calls: list[str] = []


class NotFound(Exception):
    """An exception of our own."""


def no_name() -> str:
    return ""


class Budget:
    def __init__(self, limit: int = 3) -> None:
        self.limit = limit


async def lend_for_the_request():
    try:
        yield
    except Exception as error:
        ended.append(f"request {type(error).__name__}")
        raise


async def lend_for_the_function():
    try:
        yield
    except Exception as error:
        ended.append(f"function {type(error).__name__}")
        raise


@app.middleware("http")
async def middleware(request, call_next):
    calls.append("middleware")
    return await call_next(request)


@app.exception_handler(NotFound)
async def on_not_found(websocket: WebSocket, error: NotFound):
    await websocket.close(4999, "not found")


@app.exception_handler(Exception)
async def on_exception(websocket: WebSocket, error: Exception):
    calls.append("handler of Exception")


@app.websocket("/older")
async def older(
    websocket: WebSocket,
    *,
    session: Union[str, None] = Cookie(None),  # noqa: UP007
    name: Annotated[str, Depends(no_name)],
):
    await websocket.accept()
    await websocket.close(reason=f"{session}{name}")


@app.websocket("/limit")
async def limit(websocket: WebSocket, q: Annotated[str, Query(max_length=20)]):
    await websocket.accept()
    await websocket.close(reason=q)


@app.websocket("/class")
async def of_a_class(websocket: WebSocket, budget: Annotated[Budget, Depends()]):
    await websocket.accept()
    await websocket.close(reason=str(budget.limit))


@app.websocket(
    "/lifetimes", dependencies=[Depends(lend_for_the_request), Depends(lend_for_the_function, scope="function")]
)
async def lifetimes(websocket: WebSocket):
    await websocket.accept()
    raise NotFound


@app.websocket("/plain")
def plain(websocket: WebSocket):
    calls.append("plain")


@app.websocket("/bug")
async def bug(websocket: WebSocket):
    await websocket.accept()
    raise ValueError("a bug")


@app.websocket("/shared")
async def shared(websocket: WebSocket, http: HTTPConnection):
    await websocket.accept()
    await websocket.close(reason=http.url.path)


for number, scheme in enumerate((APIKeyHeader(name="X-Key"), HTTPBearer(), OAuth2PasswordBearer("token"))):

    @app.websocket(f"/security/{number}")
    async def secured(websocket: WebSocket, credential: Annotated[object, Depends(scheme)]):
        await websocket.accept()
        await websocket.close(reason=str(getattr(credential, "credentials", credential)))


@pytest.fixture
async def server():
    ended.clear()
    calls.clear()
    server = await serve(app, name="folds under test")
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("path", "options", "close"),
    [
        ("/older", {"cookies": {"session": "xyz"}}, (1000, "xyz")),
        ("/limit?q=short", {}, (1000, "short")),
        ("/class?limit=7", {}, (1000, "7")),
        ("/class", {}, (1000, "3")),
        ("/lifetimes", {}, (4999, "not found")),
        ("/bug", {}, (1006, "")),
        ("/shared", {}, (1000, "/shared")),
        ("/security/0", {"headers": {"X-Key": "abc"}}, (1000, "abc")),
        ("/security/1", {"headers": {"Authorization": "Bearer abc"}}, (1000, "abc")),
        ("/security/2", {"headers": {"Authorization": "Bearer abc"}}, (1000, "abc")),
    ],
)
async def test_the_client_comes_in(server, path, options, close) -> None:
    async with connect(server, path, **options) as client:
        assert await client.wait_closed() == close
    assert calls == [], "neither HTTP middleware nor a handler of Exception is called"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/limit?q={'x' * 21}", 403),
        ("/plain", 500),
        ("/security/0", 401),
        ("/security/1", 401),
        ("/security/2", 401),
    ],
)
async def test_the_client_is_refused(server, path, status) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, path)
    assert refused.value.status == status
    assert calls == (["plain"] if path == "/plain" else [])


async def test_a_lifetime_of_a_function_ends_first_and_both_see_the_exception(server) -> None:
    async with connect(server, "/lifetimes") as client:
        await client.wait_closed()
    await server.stop()
    assert ended == ["function NotFound", "request NotFound"]
