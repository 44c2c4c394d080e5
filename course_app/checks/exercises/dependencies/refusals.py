"""Task 4: a refusal that explains."""

from __future__ import annotations

import json

from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...received import Received
from ...registry import task
from ...rules import Rule, has_status, is_server_error


@task("dependencies.4")
async def explains_refusals(context: CheckContext) -> None:
    """A wrong room, a wrong seat and both are refused before accept with HTTP 422 and `{"wrong": […]}`, in order.

    A client with two numbers is accepted, and closed with 1000.
    """
    room, seat = context.number(), context.number()
    cases: list[tuple[str, list[str]]] = [
        (f"/rooms/{context.word()}/ws?seat={seat}", ["room"]),
        (f"/rooms/{room}/ws?seat={context.word()}", ["seat"]),
        (f"/rooms/{context.word()}/ws?seat={context.word()}", ["room", "seat"]),
    ]
    rules = [
        Rule(has_status(403), "still-403"),
        Rule(is_server_error, "crashed"),
        Rule(has_status(200), "status-200"),
    ]
    for name, (path, wrong) in zip("ABC", cases, strict=True):
        got = await expect_refusal_before_accept(context, name, path, "let-in", rules=rules, status=422, frames=2)
        judge_body(context, name, got, wrong)
    d = await context.connect("D", f"/rooms/{room}/ws?seat={seat}")
    await d.expect_close(1000, f"room {room}, seat {seat}")


def judge_body(context: CheckContext, who: str, got: Received, wrong: list[str]) -> None:
    """Fail unless the body is JSON that names these parameters under `wrong`, in this order."""
    fields = {"who": who, "expected": json.dumps({"wrong": wrong}), "body": got.body_text}
    try:
        answer = json.loads(got.body)
    except ValueError:
        context.fail("no-json", **fields)
    if answer == {"wrong": wrong}:
        return
    names = got.json_object.get("wrong")
    if isinstance(names, str) and [names] == wrong:
        context.fail("not-a-list", **fields)
    if isinstance(names, list) and wrong[0] in [entry[-1] for entry in names if isinstance(entry, list) and entry]:
        context.fail("whole-loc", **fields)
    if "detail" in got.json_object:
        context.fail("detail", **fields)
    if isinstance(names, list) and len(wrong) == 2 and len(names) == 1:
        context.fail("first-only", **fields)
    context.fail("wrong-body", **fields)
