"""Exercise `manager`: a broadcast is expected at several clients at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from course_app.checks import Received
from course_app.checks.exercises.manager.chat_clients import ClientIds, chat_line, departure_line, expect_at_all
from tests.support.checks import IN_VAIN, PATIENCE, context_of, echo_app, failure_of


async def test_ids_never_come_twice() -> None:
    async with context_of(None) as context:
        context.number = iter([7, 7, 8, 7, 9]).__next__  # type: ignore[method-assign, assignment]
        ids = ClientIds(context)
        assert [ids.next() for _ in range(3)] == [7, 8, 9]


def test_lines_of_the_chat() -> None:
    assert chat_line(7, "hi") == "Client #7 says: hi"
    assert departure_line(7) == "Client #7 left the chat"


def by_name(name: str | None) -> object:
    """Return how to diagnose a broadcast: always by that name."""

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        return name

    return diagnose


@pytest.mark.parametrize(
    ("sent", "name", "diagnosis"),
    [
        ("hi", None, ""),
        ("hi", "never asked", ""),
        ("other", "skipped", "skipped"),
        ("other", None, "wrong-frame"),
        ("bye", None, "closed"),
        ("boom", None, "lost"),
        ("quiet", None, "waited"),
    ],
)
async def test_who_missed_a_broadcast_is_named(sent: str, name: str | None, diagnosis: str) -> None:
    async with context_of(echo_app(), IN_VAIN if sent == "quiet" else PATIENCE) as context:
        a, b = await context.connect("A"), await context.connect("B")
        await a.send("hi")
        await b.send(sent)
        step = expect_at_all(context, "hi", [a, b], by_name(name))  # type: ignore[arg-type]
        if not diagnosis:
            await step
            return
        failed = await failure_of(step)
    assert (failed.diagnosis, failed.waited, failed.fields["who"]) == (diagnosis, sent == "quiet", "B")
    if sent != "quiet":
        assert (failed.fields["missed"], failed.fields["heard"]) == ("B", "A")
