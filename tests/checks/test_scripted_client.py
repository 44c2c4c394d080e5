"""One client: what each expectation accepts, and how it fails when something else comes."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.checks import CheckContext, Rule, ScriptedClient
from course_app.checks.rules import has_code, is_message, is_nothing, is_text, text_is
from tests.support.checks import IN_VAIN, PATIENCE, context_of, echo_app, failure_of


async def connected(context: CheckContext, *texts: str | bytes) -> ScriptedClient:
    """Connect a client and send these messages."""
    client = await context.connect("A")
    for text in texts:
        await client.send(text)
    return client


@pytest.mark.parametrize(
    ("sent", "diagnosis"),
    [("hello", ""), ("other", "wrong-frame"), ("bytes", "wrong-kind"), ("bye", "closed"), ("boom", "lost")],
)
async def test_each_way_to_miss_a_reply_has_its_name(sent: str, diagnosis: str) -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, sent)
        if not diagnosis:
            await client.expect("hello")
            return
        failed = await failure_of(client.expect("hello"))
    assert (failed.diagnosis, failed.waited) == (diagnosis, False)
    assert (failed.fields["who"], failed.fields["expected"]) == ("A", "'hello'")
    assert ("ValueError: boom, as asked" in failed.fields["log"]) is (sent == "boom")
    assert str(context.expected).splitlines()[-1] == "< TEXT 'hello' [5 bytes]"


async def test_waiting_in_vain_is_a_failure_of_its_own() -> None:
    async with context_of(echo_app(), IN_VAIN) as context:
        failed = await failure_of((await connected(context, "quiet")).expect("hello"))
    assert (failed.diagnosis, failed.waited, failed.fields["seconds"]) == ("waited", True, IN_VAIN)


async def test_a_rule_names_what_came_instead_and_none_is_asked_for_a_right_reply() -> None:
    rules = [Rule(text_is("other"), "first"), Rule(is_text, "second")]
    async with context_of(echo_app()) as context:
        client = await connected(context, "hello", "other", "third")
        await client.expect("hello", rules=rules)
        assert (await failure_of(client.expect("hello", rules=rules))).diagnosis == "first"
        assert (await failure_of(client.expect("hello", rules=rules))).diagnosis == "second"


async def test_a_binary_message_is_expected_as_bytes() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, "bytes")
        await client.expect(b"\x01")
        assert (await failure_of(client.expect(b"bytes"))).diagnosis == "wrong-kind"


async def test_json_is_compared_by_value() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, '{ "b": 2, "a": 1 }', '{"a": 1}', "no json", "bytes")
        await client.expect_json({"a": 1, "b": 2})
        assert (await failure_of(client.expect_json({"a": 1, "b": 2}))).diagnosis == "wrong-frame"
        assert (await failure_of(client.expect_json({"a": 1}))).diagnosis == "wrong-frame"
        assert (await failure_of(client.expect_json({"a": 1}))).diagnosis == "wrong-kind"
    assert '< TEXT \'{"a":1,"b":2}\' [13 bytes]' in str(context.expected).splitlines()


async def test_an_object_may_have_more_fields_and_others_are_skipped() -> None:
    is_notice = text_is('{"type": "joined"}')
    async with context_of(echo_app()) as context:
        client = await connected(context, '{"type": "joined"}', '{"type": "said", "id": 1}', '{"type": "joined"}')
        got = await client.expect_object({"type": "said"}, skip=is_notice)
        assert got.json == {"type": "said", "id": 1}
        assert (await failure_of(client.expect_object({"type": "said"}))).diagnosis == "wrong-frame"


async def test_a_rule_comes_before_skipping() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, "[]")
        failed = await failure_of(client.expect_object({"a": 1}, skip=is_text, rules=[Rule(is_text, "own-notice")]))
    assert failed.diagnosis == "own-notice"


async def test_an_expected_object_is_shortened_for_the_learner() -> None:
    async with context_of(echo_app()) as context:
        failed = await failure_of((await connected(context, "x")).expect_object({"text": "y" * 500}))
    assert len(failed.fields["expected"]) == 161 and failed.fields["expected"].endswith("…")


async def test_a_described_message_is_returned() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, "hello", "other")
        assert (await client.expect_where(text_is("hello"), "a greeting")).text == "hello"
        failed = await failure_of(client.expect_where(text_is("hello"), "a greeting"))
    assert (failed.diagnosis, failed.fields["expected"]) == ("wrong-frame", "a greeting")
    assert str(context.expected).splitlines()[-1] == "< a greeting"


@pytest.mark.parametrize(
    ("sent", "code", "reason", "diagnosis"),
    [
        ("bye", 4001, None, ""),
        ("bye", 4001, "so long", ""),
        ("bye", 4001, "farewell", "wrong-close"),
        ("bye", 1003, None, "wrong-close"),
        ("boom", 1003, None, "lost"),
        ("hello", 1003, None, "wrong-close"),
        ("quiet", 1003, None, "still-open"),
    ],
)
async def test_close_codes_and_reasons_are_told_apart(sent: str, code: int, reason: str | None, diagnosis: str) -> None:
    async with context_of(echo_app(), IN_VAIN if sent == "quiet" else PATIENCE) as context:
        client = await connected(context, sent)
        if not diagnosis:
            assert await client.expect_close(code, reason) == []
            return
        failed = await failure_of(client.expect_close(code, reason))
    assert (failed.diagnosis, failed.waited) == (diagnosis, sent == "quiet")


async def test_messages_before_a_close_are_returned() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, "one", "two", "bye")
        skipped = await client.expect_close(4001, skip=is_message)
    assert [got.text for got in skipped] == ["one", "two"]


async def test_a_rule_applies_to_a_wrong_close() -> None:
    async with context_of(echo_app()) as context:
        failed = await failure_of(
            (await connected(context, "bye")).expect_close(1003, rules=[Rule(has_code(4001), "x")])
        )
    assert (failed.diagnosis, failed.fields["code"], failed.fields["reason"]) == ("x", 4001, "so long")


@pytest.mark.parametrize(
    ("sent", "diagnosis"), [("quiet", ""), ("hello", "unexpected"), ("boom", "lost"), ("bye", "unexpected")]
)
async def test_nothing_can_be_expected(sent: str, diagnosis: str) -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, sent)
        if not diagnosis:
            await client.expect_nothing(0.05)
            return
        assert (await failure_of(client.expect_nothing(10))).diagnosis == diagnosis
    assert str(context.expected).splitlines()[-1] == "= NOTHING DUE"


async def test_a_client_that_sends_on_a_closed_connection_notices_at_the_next_wait() -> None:
    async with context_of(echo_app()) as context:
        client = await connected(context, "bye")
        await client.expect_close(4001)
        await client.send("too late")
        assert (await failure_of(client.expect("too late"))).diagnosis == "closed"


def recorder(events: list[Any]) -> FastAPI:
    """Return an app that writes down how each connection ends."""
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            events.append(message.get("text") or message.get("bytes"))
        events.append(message["code"])

    return app


async def test_actions_reach_the_server_and_the_expected_transcript() -> None:
    events: list[Any] = []
    async with context_of(recorder(events)) as context:
        a = await connected(context, "hi", b"\x00")
        await a.send_json({"é": 1})
        await a.close(4000, "bye")
        b = await context.connect("B")
        assert b.is_open and b.is_accepted
        await b.abort()
        assert not b.is_open and b.is_accepted
        await context.expect_endpoints_ended("not-caught")
    # uvicorn reports 1005 where no close frame came.
    assert events == ["hi", b"\x00", '{"é": 1}', 4000, 1005]
    assert [str(event) for event in context.expected.events][-4:] == [
        "> CLOSE 4000 'bye'",
        "> GET /ws",
        "< 101 Switching Protocols",
        "= ABORTED",
    ]


async def test_a_client_that_stops_reading_gets_everything_later() -> None:
    async with context_of(echo_app()) as context:
        client = await context.connect("A")
        client.stop_reading()
        await client.send("hello")
        assert is_nothing(await client.receive(0.2))
        client.resume_reading()
        await client.expect("hello")


async def test_hanging_up_is_not_part_of_the_script() -> None:
    async with context_of(echo_app()) as context:
        client = await context.connect("A")
        before = str(context.expected)
        await client.abort_if_open()
        await client.abort_if_open()
        assert not client.is_open and str(context.expected) == before
