"""Tasks 2 and 3: broadcasts to everybody but the sender, and to a list that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ....display.events import RECEIVED
from ...context import CheckContext
from ...received import Received, data_frame_line
from ...registry import task
from ...retries import NOTICED
from ...scripted_client import ScriptedClient
from .chat_clients import FILLER, LISTED, MARGIN, ChatClients, Diagnose, expect_at_all

SLOW = "Slow"  # name of the client of task 3 that stops reading for a while
BURST = 3  # texts that a client sends at once

# Task 2: broadcast, except to the sender


def diagnose_broadcast(
    sender: ScriptedClient, text: str, previous_sender: ScriptedClient | None, previous_text: str
) -> Diagnose:
    """Return how to diagnose a broadcast of `text`, which follows one of `previous_text`."""

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        again = [name for name in missed if previous_text and got[name].text == previous_text]
        if again:
            return "echoed" if previous_sender is not None and previous_sender.name in again else "twice"
        if not got[missed[0]].nothing:
            return None
        if not sender.is_open:
            return "sender-lost"
        if len(missed) < len(got):
            return "not-all"
        return "only-sender" if was_echoed(sender, text) else "nobody"

    return diagnose


def was_echoed(sender: ScriptedClient, text: str) -> bool:
    """Tell whether the sender was sent its own text."""
    return any(event.mark == RECEIVED and event.text == data_frame_line(text) for _, event in sender.events())


@task("manager.2")
async def broadcasts_to_others(context: CheckContext) -> None:
    """Each text reaches all clients but its sender once, among them another tab with the sender's number.

    Texts come one at a time, and then several at once. A sender that was sent its own text finds it before the next
    sender's.
    """
    chat = ChatClients(context)
    clients = await chat.connect(*"ABCD")
    a, b, _, d = clients
    clients.append(await chat.second_tab(b, "B's second tab"))
    previous_sender, previous_text = None, ""
    for sender in (b, a, d, clients[-1], b, a):
        text = await chat.say(sender)
        others = [client for client in clients if client is not sender]
        await expect_at_all(context, text, others, diagnose_broadcast(sender, text, previous_sender, previous_text))
        previous_sender, previous_text = sender, text
    sender = context.random.choice((b, d))
    texts = [await chat.say(sender) for _ in range(BURST)]
    others = [client for client in clients if client is not sender]
    for number, text in enumerate(texts):
        diagnose = diagnose_burst if number else diagnose_broadcast(sender, text, previous_sender, previous_text)
        await expect_at_all(context, text, others, diagnose)
    text = await chat.say(a)
    await expect_at_all(context, text, [b, d, *clients[-1:]], diagnose_broadcast(a, text, sender, texts[-1]))


def diagnose_burst(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
    """Diagnose a broadcast of one of several texts that were sent at once."""
    return "burst" if got[missed[0]].nothing else None


# Task 3: survive a departure in mid-broadcast


def diagnose_departure(sender: ScriptedClient, sender_lost: str = "sender-lost") -> Diagnose:
    """Return how to diagnose a broadcast that met somebody who has left.

    `sender_lost` is the diagnosis for a sender that lost its connection for it.
    """

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        if not all(got[name].nothing for name in missed):
            return "kicked" if got[missed[0]].closed else None
        if not sender.is_open:
            return sender_lost
        names = list(got)
        if list(missed) == [SLOW]:
            return "slow-missed"
        if len(missed) == len(names):
            return "nobody"
        return "rest-missed" if missed == names[-len(missed) :] else "skipped"

    return diagnose


def diagnose_changed_list(sender: ScriptedClient) -> Diagnose:
    """Return how to diagnose a broadcast during which somebody has left."""

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        diagnosis = diagnose_departure(sender, "changed-size")(got, missed)
        return "shifted" if diagnosis in ("skipped", "rest-missed") else diagnosis

    return diagnose


@task("manager.3")
async def survives_departures(context: CheckContext) -> None:
    """Every text reaches everybody who is there, and its sender stays connected.

    Meanwhile clients leave by a close with 1000, a TCP reset and a binary frame (closed with 1003), each listed for
    0.1 s more; the last one leaves while a broadcast waits for a client that does not read.
    """
    chat = ChatClients(context)
    early, closes, b, resets, c, binary, slow, d, e, a = await chat.connect(
        "Early", "Closes", "B", "Resets", "C", "Binary", SLOW, "D", "E", "A"
    )
    others = [early, b, c, slow, d, e]
    diagnose = diagnose_departure(a)
    await expect_at_all(context, await chat.say(a), [*others, closes, resets, binary], diagnose)
    await closes.close()
    await asyncio.sleep(NOTICED)
    await expect_at_all(context, await chat.say(a), [*others, resets, binary], diagnose)
    await resets.abort()
    await asyncio.sleep(NOTICED)
    await expect_at_all(context, await chat.say(a), [*others, binary], diagnose)
    await binary.send(context.blob())
    await binary.expect_close(1003)
    await expect_at_all(context, await chat.say(a), others, diagnose_departure(a, "close-sent"))
    # The broadcast waits for a slow client, and the list changes meanwhile.
    filler = await chat.say(a, context.word() * (FILLER // 8))
    slow.stop_reading()
    await expect_at_all(context, filler, [early, b, c, d, e], diagnose)
    text = await chat.say(a)
    await asyncio.sleep(NOTICED)
    await early.close()
    await asyncio.sleep(LISTED + MARGIN)
    slow.resume_reading()
    await expect_at_all(context, filler, [slow], diagnose)
    await expect_at_all(context, text, [b, c, slow, d, e], diagnose_changed_list(a))
    others = [b, c, slow, d]
    await expect_at_all(context, await chat.say(e), [*others, a], diagnose_last(a, e))
    texts = [await chat.say(a) for _ in range(BURST)]
    for text in texts:
        await expect_at_all(context, text, [*others, e], diagnose_departure(a))
    await expect_at_all(context, await chat.say(b), [c, slow, d, e, a], diagnose_last(a, b))


def diagnose_last(previous: ScriptedClient, sender: ScriptedClient) -> Diagnose:
    """Return how to diagnose a broadcast of `sender` that `previous`, who has sent all texts before it, gets too."""

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        if list(missed) == [previous.name] and got[previous.name].is_message:
            return "echoed"
        return diagnose_departure(sender)(got, missed)

    return diagnose
