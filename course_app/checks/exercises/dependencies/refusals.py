"""Task 4: a refusal that explains."""

from __future__ import annotations

import json

from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...failures import CheckFailed
from ...received import Received
from ...registry import task
from ...rules import Rule, has_status, is_response, is_server_error

RULES = [
    Rule(has_status(403), "still-403"),
    Rule(is_server_error, "crashed"),
    Rule(has_status(200), "status-200"),
]


def wrong_number(context: CheckContext) -> str:
    """Return what a query or a path can hold and is no integer."""
    return context.random.choice((context.word(), context.name(), f"{context.number()}.5", f"1e{context.word()}"))


async def expect_seat(context: CheckContext, name: str, room: int, seat: int | None) -> None:
    """Connect a client with two numbers, or without a seat, and expect the endpoint's close with 1000."""
    query = "" if seat is None else f"?seat={seat}"
    client = await context.connect(name, f"/rooms/{room}/ws{query}", rules=[Rule(is_response, "good-refused")])
    await client.expect_close(1000, f"room {room}, seat {1 if seat is None else seat}")


@task("dependencies.4")
async def explains_refusals(context: CheckContext) -> None:
    """A wrong room, a wrong seat and both are refused before accept with HTTP 422 and `{"wrong": […]}`, in order.

    They come in random order, with good clients between them, which are accepted and closed with 1000.
    No endpoint runs on, and none leaves a traceback.
    """
    room, seat = context.number(), context.number()
    cases: list[tuple[str, list[str]]] = [
        (f"/rooms/{wrong_number(context)}/ws?seat={seat}", ["room"]),
        (f"/rooms/{wrong_number(context)}/ws", ["room"]),
        (f"/rooms/{room}/ws?seat={wrong_number(context)}", ["seat"]),
        (f"/rooms/{wrong_number(context)}/ws?seat={wrong_number(context)}", ["room", "seat"]),
    ]
    cases += [context.random.choice(cases)]
    good: list[tuple[int, int | None]] = [(room, seat), (0, 0), (room, None), (seat, -room)]
    context.random.shuffle(good)
    failures: dict[int, CheckFailed] = {}
    for number in context.random.sample(range(len(cases)), len(cases)):
        path, wrong = cases[number]
        name = f"A{number}"
        try:
            got = await expect_refusal_before_accept(context, name, path, "let-in", rules=RULES, status=422, frames=2)
            judge_body(context, name, got, wrong)
        except CheckFailed as failed:
            failures[number] = failed
        if good:
            await expect_seat(context, f"B{number}", *good.pop())
    if failures:
        raise failures[min(failures, key=lambda number: (failures[number].diagnosis == "wrong-body", number))]
    await context.expect_endpoints_ended("raised-after")


def judge_body(context: CheckContext, who: str, got: Received, wrong: list[str]) -> None:
    """Fail unless the body is JSON that names these parameters under `wrong`, in this order."""
    fields = {"who": who, "expected": json.dumps({"wrong": wrong}), "body": got.body_text}
    try:
        answer = json.loads(got.body)
    except ValueError:
        context.fail("no-json", **fields)
    names = got.json_object.get("wrong")
    if isinstance(answer, dict) and names == wrong:
        return
    if isinstance(names, str) and [names] == wrong:
        context.fail("not-a-list", **fields)
    if isinstance(names, list) and wrong[0] in [entry[-1] for entry in names if isinstance(entry, list) and entry]:
        context.fail("whole-loc", **fields)
    if isinstance(names, list) and len(names) > len(wrong) and {*wrong} < {*map(str, names)}:
        context.fail("too-many-names", **fields)
    if isinstance(names, list) and len(names) == len(wrong) and {*map(str, names)} - {*wrong}:
        context.fail("other-names", **fields)
    if "detail" in got.json_object:
        context.fail("detail", **fields)
    if isinstance(names, list) and len(wrong) == 2 and len(names) == 1:
        context.fail("first-only", **fields)
    context.fail("wrong-body", **fields)
