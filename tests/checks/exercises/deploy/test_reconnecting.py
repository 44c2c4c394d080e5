"""Exercise `deploy`: how metrics are read, and how a client's result is judged."""

from __future__ import annotations

import pytest
from prometheus_client import CONTENT_TYPE_LATEST

from course_app import Closed, Refused, connect
from course_app.checks import Called, CheckFailed
from course_app.checks.exercises.deploy.metrics import is_prometheus_text, metric
from course_app.checks.exercises.deploy.reconnecting import judge_texts
from course_app.checks.exercises.deploy.restarting_server import RestartingServer
from tests.support.checks import context_of

METRICS = "# TYPE x gauge\nchat_connections 3.0\nchat_connections_created 1.7e9\nchat_messages 4\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [("chat_connections", 3.0), ("chat_messages", 4.0), ("chat", None), ("chat_connections_created", 1.7e9)],
)
def test_a_metric_is_found_by_its_whole_name(name: str, value: float | None) -> None:
    assert metric(METRICS, name) == value


@pytest.mark.parametrize(
    ("called", "diagnosis"),
    [
        (Called(value=["a", "b", "c"]), ""),
        (Called(timed_out=True), "never-done"),
        (Called(error="WaitTimeout"), "never-done"),
        (Called(error="Closed"), "gave-up"),
        (Called(error="Refused"), "gave-up-503"),
        (Called(error="KeyError", detail="x"), "raised"),
        (Called(value=None), "not-texts"),
        (Called(value=[{"text": "a"}]), "not-texts"),
        (Called(value=["a", "a", "b"]), "twice"),
        (Called(value=["a", "b"]), "stopped-early"),
        (Called(value=["c", "b", "a"]), "other-texts"),
        (Called(value=["a", "b", "c", "d"]), "too-many"),
    ],
)
async def test_each_wrong_result_of_a_client_has_its_name(called: Called, diagnosis: str) -> None:
    expected = ["a", "b", "c"]
    async with context_of(None) as context:
        if not diagnosis:
            judge_texts(context, called, expected, "1012")
            return
        with pytest.raises(CheckFailed) as caught:
            judge_texts(context, called, expected, "1012")
    assert caught.value.diagnosis == diagnosis


def numbered(texts: str) -> list[tuple[str, str]]:
    """Return messages with these letters as their texts, and ids that count from 0."""
    return [(str(number), text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("content_type", "right"),
    [
        (CONTENT_TYPE_LATEST, True),
        (CONTENT_TYPE_LATEST.replace("; ", ";"), True),
        ("text/plain", False),
        ("text/plain; charset=utf-8", False),
        ("", False),
    ],
)
def test_the_media_type_of_metrics_is_compared_without_the_charset(content_type: str, right: bool) -> None:
    assert is_prometheus_text(content_type) is right


async def ids_until_end(address: str, path: str) -> tuple[list[str], int]:
    """Return the ids that came on one connection, and its close code."""
    ids = []
    async with connect(address, path) as ws:
        try:
            while True:
                ids.append((await ws.recv_json())["id"])
        except Closed as closed:
            return ids, closed.code


async def test_a_restarting_server_ends_connections_as_told() -> None:
    server = RestartingServer(numbered("abcd"), [1012, 1006, 4001, 403])
    async with context_of(None) as context:
        address = await context.host(server.app)
        assert await ids_until_end(address, "/ws") == (["0", "1"], 1012)
        assert await ids_until_end(address, "/ws?last_id=1") == (["2", "3"], 1006)
        assert await ids_until_end(address, "/ws?last_id=2") == (["3"], 4001)
        with pytest.raises(Refused, match="403"):
            await ids_until_end(address, "/ws")
    assert server.last_ids == ["", "1", "2", ""]
    assert len(server.pauses) == 3


async def test_a_server_that_restarts_refuses_for_a_while_and_notes_the_pauses() -> None:
    server = RestartingServer(numbered("abc"), [503, 4001])
    async with context_of(None) as context:
        address = await context.host(server.app)
        assert await ids_until_end(address, "/ws") == (["0", "1"], 1012)
        for _ in range(4):
            with pytest.raises(Refused, match="503"):
                await ids_until_end(address, "/ws?last_id=1")
        assert await ids_until_end(address, "/ws?last_id=1") == (["2"], 4001)
    assert server.last_ids == ["", "1"]
    assert len(server.pauses) == 5
    assert min(server.pauses) > 0
