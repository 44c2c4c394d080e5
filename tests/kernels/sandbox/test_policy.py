"""The sandbox: what is seen, what is not, and what it says where it cannot be had."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from fastapi import FastAPI, WebSocket

from course_app.grading.remote_backend import RemoteBackend
from course_app.kernels.fork import fork_client
from course_app.kernels.kernel import Kernel, KernelFailed
from course_app.kernels.rpc_client import RpcClient
from course_app.kernels.sandbox import policy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is made of Linux namespaces")


async def ask(kernel: Kernel, source: str) -> str:
    """Run a cell and return what it printed."""
    result = await kernel.execute(source, timeout=20)
    assert result.status == "ok", result.detail
    return "".join(output.get("text", "") for output in result.outputs)


async def test_a_kernel_sees_python_and_nothing_of_the_course(course):
    async with await Kernel.start(sandbox=policy.of(course.root)) as kernel:
        assert kernel.why_cold == ""
        seen = await ask(kernel, f"import os; print(sorted(os.listdir({str(course.root)!r})))")
        assert set(json.loads(seen.replace("'", '"'))) <= {"course_app", ".venv", "venv"}
        facts = await ask(
            kernel, "import socket; print(os.getpid(), os.getppid(), socket.gethostname(), os.getuid() == 0)"
        )
        assert facts.split()[:3] == ["1", "0", "sandbox"]
        status = await ask(kernel, "print(open('/proc/self/status').read())")
        assert "CapEff:\t0000000000000000" in status and "CapBnd:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status


async def test_a_folder_inside_of_what_is_shown_is_covered(course, tmp_path):
    inside = policy.Sandbox(hidden=("/usr/share",))
    async with await Kernel.start(sandbox=inside) as kernel:
        assert (
            await ask(kernel, "import os; print(os.listdir('/usr/share'), 'lib' in os.listdir('/usr'))") == "[] True\n"
        )


async def test_one_kernel_sees_no_other(course):
    kept = policy.of(course.root)
    async with await Kernel.start(sandbox=kept) as one, await Kernel.start(sandbox=kept) as other:
        await ask(one, "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0mine'); s.listen()")
        reached = await ask(
            other,
            "import socket, os\ns = socket.socket(socket.AF_UNIX)\n"
            f"print(s.connect_ex('\\0mine') != 0, os.path.exists({str(one.folder)!r}), os.listdir('/proc').count('2'))",
        )
        assert reached.startswith("True False")


async def test_sockets_of_the_grader_can_be_reached_from_inside(course):
    app = FastAPI()

    @app.websocket("/ws")
    async def greet(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("hello from outside")
        await websocket.close()

    async with await Kernel.start(sandbox=policy.of(course.root)) as kernel:
        remote = RemoteBackend(RpcClient(kernel), course.task("echo.1"))
        address = await remote.host(app)
        try:
            said = await ask(
                kernel,
                "from course_app import connect\n"
                f"async with connect({address!r}, '/ws') as ws:\n    print(await ws.recv())",
            )
        finally:
            await remote.close()
    assert said == "hello from outside\n"


async def test_what_the_machine_refuses_is_said(course):
    broken = policy.Sandbox(limits=policy.Limits(scratch=-1))
    with pytest.raises(KernelFailed, match="mount of .*Invalid argument"):
        await Kernel.start(sandbox=broken)


def test_why_not_says_so_where_there_is_no_linux(monkeypatch):
    monkeypatch.setattr(fork_client.sys, "platform", "darwin")
    assert policy.why_not(policy.Sandbox()) == "the sandbox needs Linux, and this is darwin"


def test_this_machine_can():
    assert policy.why_not(policy.Sandbox()) is None


def test_root_of_a_namespace_with_one_user_can_too(course):
    """As in a rootless container, where no other user can be had."""
    code = "from course_app.kernels.sandbox import policy; print(policy.why_not(policy.Sandbox()))"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", code],
        cwd=course.root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "None", done.stdout + done.stderr
