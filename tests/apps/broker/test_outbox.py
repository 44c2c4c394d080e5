"""The outbox keeps the order, drops what nobody waits for, and puts a batch back where it was."""

from __future__ import annotations

import asyncio

from course_app.apps.broker.outbox import MAX_BATCH, Outbox, Outgoing


def filled(count: int, max_queue: int = 1000) -> Outbox:
    outbox = Outbox(max_queue)
    for number in range(count):
        outbox.put(Outgoing("room", str(number), asyncio.get_running_loop().create_future()))
    return outbox


def texts(batch: list[Outgoing]) -> list[str]:
    return [item.text for item in batch]


async def test_batches_keep_the_order_and_are_bounded() -> None:
    outbox = filled(MAX_BATCH + 5)
    assert texts(outbox.next_batch()) == [str(number) for number in range(MAX_BATCH)]
    assert texts(outbox.next_batch()) == [str(number) for number in range(MAX_BATCH, MAX_BATCH + 5)]
    assert outbox.next_batch() == [] and len(outbox) == 0


async def test_it_is_full_at_its_limit() -> None:
    assert not filled(2, max_queue=3).full
    assert filled(3, max_queue=3).full


async def test_a_batch_that_was_put_back_comes_first_without_what_is_done() -> None:
    outbox = filled(3)
    batch = outbox.next_batch()
    outbox.put(Outgoing("room", "new", asyncio.get_running_loop().create_future()))
    batch[1].done.set_result(None)
    outbox.put_back(batch)
    assert texts(outbox.next_batch()) == ["0", "2", "new"]


async def test_what_nobody_waits_for_is_passed_over() -> None:
    outbox = filled(3)
    first, *_ = batch = outbox.next_batch()
    outbox.put_back(batch)
    first.done.cancel()
    assert texts(outbox.next_batch()) == ["1", "2"]


async def test_waiting_ends_with_the_next_message() -> None:
    outbox = filled(0)
    waiting = asyncio.create_task(outbox.wait_filled())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.put(Outgoing("room", "0", asyncio.get_running_loop().create_future()))
    await asyncio.wait_for(waiting, 10)


async def test_cancel_ends_every_wait() -> None:
    outbox = filled(2)
    batch = outbox.next_batch()
    outbox.put_back(batch)
    outbox.cancel()
    assert all(item.done.cancelled() for item in batch) and len(outbox) == 0
