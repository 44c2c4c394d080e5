"""`import course_app`: each public name exists, and nothing slow is imported before its use."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

pytestmark = pytest.mark.asyncio


async def test_import_brings_in_no_test_tools() -> None:
    code = (
        "import sys, asyncio, course_app; from course_app import serve, connect, stop_all, Transcript\n"
        "from fastapi import FastAPI\n"
        "async def main():\n    await serve(FastAPI()); await stop_all()\n"
        "asyncio.run(main())\n"
        "print(sorted({'pytest', 'nbval', 'nbformat', 'nest_asyncio', 'IPython'} & set(sys.modules)))"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


async def test_each_public_name_exists() -> None:
    import course_app

    for name in course_app.__all__:
        assert getattr(course_app, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = course_app.nothing
