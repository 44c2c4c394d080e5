"""One kernel: every way that a cell can end, within bounds, and nothing left."""

from __future__ import annotations

import asyncio
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_app.kernels.kernel import Kernel
from course_app.kernels.launch import How, KernelFailed

LIMIT = 20.0  # seconds; on an idle machine each of these needs a fraction of one


def play(scene: Callable[[Kernel], Awaitable[Any]], how: How = "forked") -> Any:
    async def whole() -> Any:
        async with await Kernel.start(how=how) as kernel:
            return await scene(kernel)

    return asyncio.run(whole())


@pytest.mark.parametrize("how", ["forked", "started"])
def test_outputs_come_in_nbformats_shape_and_in_order(how):
    async def scene(kernel: Kernel) -> None:
        result = await kernel.execute(
            "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay(1)\n2", timeout=LIMIT
        )
        assert result.status == "ok"
        assert [one["output_type"] for one in result.outputs] == ["stream", "stream", "display_data", "execute_result"]
        assert result.outputs[-1]["data"]["text/plain"] == "2"
        assert (kernel.why_started == "") is (how == "forked")

    play(scene, how)


def test_an_exception_is_named_with_its_line_and_the_kernel_goes_on():
    async def scene(kernel: Kernel) -> None:
        raised = await kernel.execute("x = 1\n1 / 0", timeout=LIMIT)
        assert (raised.status, raised.detail) == ("error", "ZeroDivisionError: division by zero, in line 2: 1 / 0")
        broken = await kernel.execute("x = (", timeout=LIMIT)
        assert broken.status == "error"
        assert "SyntaxError" in broken.detail and ".py" not in broken.detail
        assert (await kernel.execute("print(x)", timeout=LIMIT)).outputs[0]["text"] == "1\n"

    play(scene)


@pytest.mark.parametrize("how", ["forked", "started"])
@pytest.mark.parametrize(
    "wait", ["import time; time.sleep(60)", "import asyncio; await asyncio.sleep(60)", "while True: pass"]
)
def test_a_timeout_names_the_line_and_gives_the_kernel_back(wait, how):
    async def scene(kernel: Kernel) -> None:
        stuck = await kernel.execute(wait, timeout=0.5)
        assert stuck.status == "timeout"
        assert stuck.detail == f"it was still running after 0.5 s, in line 1: {wait}"
        assert (await kernel.execute("1 + 1", timeout=LIMIT)).status == "ok"

    play(scene, how)


def test_messages_of_any_shape_that_bear_the_kernels_signature_disturb_nobody():
    forge = """
        import json
        kernel = get_ipython().kernel
        parent = {"msg_id": kernel.get_parent()["header"]["msg_id"]}
        def send(*parts):
            parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
            signature = kernel.session.sign(parts)
            kernel.iopub_thread.send_multipart([b"stream", b"<IDS|MSG>", signature, *parts])
        good = {"msg_type": "stream"}
        for odd in ([], 3, None, "status", b"[" * 100_000, b"not json", b"\\xff"):
            send(odd, parent, {}, {"text": "x", "name": "stdout"})
            send(good, odd, {}, {"text": "x", "name": "stdout"})
            send({"msg_type": "status"}, parent, {}, odd)
        send(good, parent, {}, {"no": "text"})
        send(good, parent)
        send()
        kernel.iopub_thread.send_multipart([b"no delimiter"])
        print("after")
    """

    async def scene(kernel: Kernel) -> None:
        result = await kernel.execute(textwrap.dedent(forge), timeout=LIMIT)
        assert (result.status, [one["text"] for one in result.outputs]) == ("ok", ["after\n"])
        assert (await kernel.execute("1 + 1", timeout=LIMIT)).status == "ok"

    play(scene)


@pytest.mark.parametrize("traceback", ["5", "None", "'text'", "[5, None]", "{}"])
def test_a_reply_with_a_traceback_of_any_shape_is_an_error_like_another(traceback):
    forge = f"""
        session = get_ipython().kernel.session
        plain = session.send
        def send(stream, kind, content=None, *rest, **more):
            if kind == "execute_reply":
                content["traceback"] = {traceback}
            return plain(stream, kind, content, *rest, **more)
        session.send = send
        1 / 0
    """

    async def scene(kernel: Kernel) -> None:
        result = await kernel.execute(textwrap.dedent(forge), timeout=LIMIT)
        assert (result.status, result.detail) == ("error", "ZeroDivisionError: division by zero")

    play(scene)


def test_a_cell_that_swallows_the_interrupt_takes_the_kernel_with_it():
    async def scene(kernel: Kernel) -> None:
        deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
        assert (await kernel.execute(deaf, timeout=0.3)).status == "timeout"
        assert kernel.killed and not kernel.alive
        assert (await kernel.execute("1", timeout=LIMIT)).status == "not_reached"

    play(scene)


@pytest.mark.parametrize(
    "flood",
    [
        "while True: print('x' * 100)",
        "while True: print('x' * 100_000)",
        "print('x' * 20_000_000)",
        "while True: display('x' * 1000)",
        "import sys\nwhile True: sys.stderr.write('x' * 1000)",
    ],
)
def test_a_flood_is_stopped_while_it_runs_and_costs_the_checker_no_memory(flood):
    before = psutil.Process().memory_info().rss

    async def scene(kernel: Kernel) -> None:
        result = await kernel.execute(flood, timeout=LIMIT)
        assert (result.status, result.truncated) == ("flood", True)
        assert "more than 1,000,000 bytes" in result.detail
        assert sum(len(str(one)) for one in result.outputs) < 2_000_000

    play(scene)
    assert psutil.Process().memory_info().rss - before < 64 * 2**20


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("import os; os._exit(3)", "the kernel ended itself with exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "the kernel was ended by SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the kernel was ended by SIGKILL"),
    ],
)
@pytest.mark.parametrize("how", ["forked", "started"])
def test_a_dead_kernel_is_seen_long_before_the_timeout(source, ending, how):
    async def scene(kernel: Kernel) -> None:
        began = time.monotonic()
        result = await kernel.execute(source, timeout=600)
        assert (result.status, result.detail) == ("dead", ending)
        assert time.monotonic() - began < LIMIT

    play(scene, how)


@pytest.mark.parametrize("how", ["forked", "started"])
def test_nothing_is_left_not_even_a_detached_grandchild(how):
    detach = (
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid())); time.sleep(600)\n    os._exit(0)\n"
        "while not (os.path.exists('pid') and open('pid').read()): time.sleep(0.01)\n"
    )

    async def scene(kernel: Kernel) -> tuple[int, int, Path]:
        assert (await kernel.execute(detach, timeout=LIMIT)).status == "ok"
        grandchild = int((kernel.work / "pid").read_text())
        assert psutil.pid_exists(grandchild)
        return grandchild, kernel.pid, kernel.folder

    grandchild, pid, folder = play(scene, how)
    assert not psutil.pid_exists(grandchild)
    assert not psutil.pid_exists(pid)
    assert not folder.exists()


def test_cells_run_in_a_folder_of_their_own_without_the_learners_ipython_profile():
    async def scene(kernel: Kernel) -> None:
        source = "import os; print(os.getcwd() == %r, os.environ['IPYTHONDIR'].startswith(%r))"
        result = await kernel.execute(source % (str(kernel.work), str(kernel.folder)), timeout=LIMIT)
        assert result.outputs[0]["text"] == "True True\n"

    play(scene)


def test_a_kernel_that_does_not_start_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(KernelFailed, match=r"did not start: .*; `course doctor` looks for the cause"):
        asyncio.run(Kernel.start(how="started", timeout=LIMIT))


def test_where_there_is_no_linux_a_plain_kernel_runs_and_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")

    async def scene(kernel: Kernel) -> None:
        assert kernel.why_started == "kernels are forked on Linux only, and this is darwin, not Linux"
        assert (await kernel.execute("1", timeout=LIMIT)).status == "ok"
        assert (await kernel.execute("import os; os._exit(4)", timeout=LIMIT)).detail.endswith("exit code 4")

    play(scene)
    assert sys.platform == "darwin"
