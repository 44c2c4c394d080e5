"""An app behind a proxy that takes a prefix off the path: its own addresses are right on both ways in."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles

from course_app import serve
from course_app.apps.pages import FOLDER
from course_app.serving.server import Server

PREFIX = "/user/zoe/proxy/8000"


def make_app() -> FastAPI:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=FOLDER))

    @app.get("/where/{name}")
    async def where(request: Request, name: str) -> dict[str, str]:
        return {"root_path": request.scope["root_path"], "url": request.url_for("where", name=name).path}

    return app


async def get(server: Server, path: str, prefix: str | None = None) -> httpx.Response:
    headers = {} if prefix is None else {"X-Forwarded-Prefix": prefix}
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
        return await client.get(path, headers=headers)


async def test_docs_name_the_schema_where_the_reader_finds_it() -> None:
    server = await serve(make_app())
    assert "url: '/openapi.json'" in (await get(server, "/docs")).text
    assert f"url: '{PREFIX}/openapi.json'" in (await get(server, "/docs", PREFIX)).text
    assert (await get(server, "/openapi.json", PREFIX)).json()["servers"] == [{"url": PREFIX}]
    assert "servers" not in (await get(server, "/openapi.json")).json(), "one way in leaves no trace on the other"
    await server.stop()


async def test_routes_mounts_and_generated_addresses() -> None:
    server = await serve(make_app())
    assert (await get(server, "/static/socket.js", PREFIX)).status_code == 200
    assert (await get(server, "/where/here", PREFIX)).json() == {"root_path": PREFIX, "url": f"{PREFIX}/where/here"}
    assert (await get(server, "/where/here")).json() == {"root_path": "", "url": "/where/here"}
    await server.stop()


async def test_a_root_path_of_ones_own_stays() -> None:
    server = await serve(make_app(), root_path="/proxy/{port}")
    own = f"/proxy/{server.port}"
    assert (await get(server, "/where/here", own)).json() == {"root_path": own, "url": f"{own}/where/here"}
    await server.stop()


@pytest.mark.parametrize(
    "prefix", ["", "/", "//evil.example", "javascript:alert(1)", "/a'><script>", "/a//b", "http://x/y"]
)
async def test_what_is_no_prefix_changes_nothing(prefix: str) -> None:
    server = await serve(make_app())
    assert (await get(server, "/where/here", prefix)).json()["root_path"] == ""
    await server.stop()
