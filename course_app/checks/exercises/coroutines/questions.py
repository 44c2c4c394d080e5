"""Tasks 1 and 2: questions one after the other, and questions at the same time."""

from __future__ import annotations

from collections.abc import Iterable

from ....display.events import RECEIVED, SENT
from ...context import CheckContext
from ...received import data_frame_line, show
from ...registry import task
from .results import judge_call, judge_replies
from .servers import AnsweringServer


def distinct_words(context: CheckContext, count: int) -> list[str]:
    """Return that many random words, no two of them equal."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[context.word()] = None
    return list(found)


def expect_exchange(context: CheckContext, exchange: Iterable[tuple[str, str, str]]) -> None:
    """Write down what should cross the wire: the lane, the text of the client, the reply of the server."""
    for lane, text, reply in exchange:
        context.expected.add(lane, SENT, data_frame_line(text))
        context.expected.add(lane, RECEIVED, data_frame_line(reply))


async def expect_chain(context: CheckContext, times: int) -> None:
    """Expect `times` questions, each the reply to the one before, and the last reply as the result."""
    chain = distinct_words(context, times + 2)
    expect_exchange(context, [("A", text, reply) for text, reply in zip(chain[:times], chain[1:], strict=False)])
    server = AnsweringServer(context.hosted_transcript, dict(zip(chain, chain[1:], strict=False)))
    called = await context.call(await context.host(server.app), chain[0], times)
    judge_call(context, called)
    if not server.asked:
        context.fail("nothing-asked")
    if len(server.asked) > 1 and set(server.asked) == {chain[0]}:
        context.fail("same-question", text=show(chain[0]))
    if server.asked[:times] != chain[: len(server.asked[:times])]:
        context.fail("other-question", asked=server.asked, expected=chain[:times])
    if len(server.asked) != times:
        context.fail("wrong-count", asked=len(server.asked), times=times)
    if called.value is None:
        context.fail("no-value")
    if called.value != chain[times]:
        context.fail("other-value", got=show(called.value), expected=show(chain[times]))


@task("coroutines.1")
async def follows_a_chain(context: CheckContext) -> None:
    """The function asks `text`, then the reply, then the reply to it, `times` times in all, and returns the last reply.

    Three to five times, then once.
    """
    await expect_chain(context, context.number(3, 5))
    await expect_chain(context, 1)


@task("coroutines.2")
async def asks_all_at_once(context: CheckContext) -> None:
    """The function asks every text on a connection of its own, all at the same time, and returns the replies in order.

    The first reply comes last, and one text is asked twice. No text at all gives an empty list.
    """
    words = distinct_words(context, context.number(6, 10))
    texts = words[: len(words) // 2]
    replies = dict(zip(texts, words[len(texts) :], strict=False))
    delays = {text: 0.03 * (len(texts) - number) for number, text in enumerate(texts)}
    texts.append(texts[0])
    wanted = [replies[text] for text in texts]
    expect_exchange(context, [("ABCDEF"[n], text, replies[text]) for n, text in enumerate(texts)])
    server = AnsweringServer(context.hosted_transcript, replies, delays, together=len(texts))
    called = await context.call(await context.host(server.app), texts)
    judge_call(context, called)
    if not server.asked:
        context.fail("nothing-asked")
    if server.connections == 1:
        context.fail("one-connection")
    if sorted(server.asked) != sorted(texts):
        context.fail("other-questions", asked=server.asked, expected=texts)
    if server.was_alone:
        context.fail("one-after-another")
    judge_replies(context, called.value, wanted)
    empty = AnsweringServer(context.hosted_transcript, {})
    called = await context.call(await context.host(empty.app), [])
    judge_call(context, called)
    judge_replies(context, called.value, [])
