"""Kernels that were made before their process was forked: they are what started kernels are."""

from __future__ import annotations

import ast
import asyncio
import os
import sys
import tempfile
from typing import Any

import pytest

from course_app.kernels.kernel import Kernel
from course_app.kernels.sandbox import policy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
LIMIT = 20.0

FACTS = """\
import asyncio, builtins, os, pathlib, sys, tempfile, threading
shell = get_ipython()
folder = pathlib.Path(os.environ['IPYTHONDIR']).parent
loop = asyncio.get_running_loop()
print(dict(
    names=sorted(name for name in globals() if not name.startswith(('_i', '_Course'))),
    main=sys.modules['__main__'].__dict__ is globals() and __name__ == '__main__',
    here=os.getcwd() == str(folder / 'work') == shell.starting_dir,
    visited=[str(one) == os.getcwd() for one in _dh],
    temporary=tempfile.gettempdir() == os.environ.get('TMPDIR', '/tmp'),
    profile=os.path.relpath(shell.profile_dir.location, folder),
    ipython=os.path.relpath(shell.ipython_dir, folder),
    home=shell.home_dir == os.path.realpath(os.environ['HOME']) or shell.home_dir,
    terminal=[os.environ.get(name) for name in ('TERM', 'PAGER', 'MPLBACKEND')],
    shell=type(shell).__name__, parent=shell.parent is shell.kernel, own=shell.kernel.shell is shell,
    application=type(shell.kernel.parent).__mro__[-1].__name__,
    sockets=[shell.kernel.iopub_socket is one.pub_socket for one in (shell.displayhook, shell.display_pub)],
    session=[shell.kernel.session is one.session for one in (shell.displayhook, shell.display_pub)],
    streams=[type(one).__name__ for one in (sys.stdout, sys.stderr, shell.kernel._stdout)],
    hook=type(sys.displayhook).__name__, loop=type(loop).__name__, count=shell.execution_count,
    history=[shell.history_manager.enabled, list(shell.history_manager.input_hist_raw)[:-1]],
    configurables=len(shell.configurables), sleep=shell.kernel._execute_sleep,
    builtins=[hasattr(builtins, name) for name in ('display', 'get_ipython', '__IPYTHON__')],
    path=sys.path[0], argv=sys.argv[0].rpartition('/')[2].removesuffix('.py'),
))
"""


async def facts(**how: Any) -> dict[str, Any]:
    async with await Kernel.start(**how) as kernel:
        result = await kernel.execute(FACTS, timeout=LIMIT)
        assert result.status == "ok", result.detail
        return ast.literal_eval(result.outputs[0]["text"])


async def test_a_prewarmed_kernel_is_what_a_started_one_is():
    forked, started = await asyncio.gather(facts(how="forked"), facts(how="started"))
    assert forked == started
    assert forked["main"] and forked["here"] and forked["own"] and forked["parent"]


async def test_it_was_prewarmed_and_every_one_has_names_of_its_own():
    async with await Kernel.start() as one, await Kernel.start() as other:
        kind = await one.execute("secret = 1; type(get_ipython().kernel).__name__", timeout=LIMIT)
        assert kind.outputs[0]["data"]["text/plain"] == "'PrewarmedKernel'"
        assert (await other.execute("secret", timeout=LIMIT)).detail.startswith("NameError")


async def test_outputs_of_all_kinds_reach_the_engine():
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}  # ipykernel heeds it
    async with await Kernel.start(env=env) as kernel:
        result = await kernel.execute(
            "import os, time\nprint(1)\nos.system('echo 2')\ntime.sleep(0.2)\n"
            "display({'text/plain': '3'}, raw=True)\n4",
            timeout=LIMIT,
        )
        said = "".join(one["text"] for one in result.outputs if one["output_type"] == "stream")
        assert said.split() == ["1", "2"]
        assert [one["data"]["text/plain"] for one in result.outputs if "data" in one] == ["3", "4"]


@pytest.mark.parametrize("how", ["forked", "sandboxed"])
async def test_temporary_files_go_where_the_kernel_is_told(course, how):
    """The fork server has looked for leftovers in its own temporary folder by now, and Python remembers that folder."""
    options: dict[str, Any] = {"sandbox": policy.course_sandbox(course.root)} if how == "sandboxed" else {}
    async with await Kernel.start(**options):
        await asyncio.sleep(2.5)  # an idle server looks every two seconds
    async with await Kernel.start(**options) as kernel:
        result = await kernel.execute(
            "import os, tempfile\nwith tempfile.NamedTemporaryFile() as file: print(os.path.dirname(file.name))",
            timeout=LIMIT,
        )
        assert result.status == "ok", result.detail
        expected = str(kernel.folder / "tmp") if how == "sandboxed" else tempfile.gettempdir()
        assert result.outputs[0]["text"].strip() == expected
