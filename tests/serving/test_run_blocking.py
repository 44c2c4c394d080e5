"""run(app): serves until it is interrupted, in a script too; test_learners_kernel.py tries it in real kernels."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from course_app.errors import CourseError
from course_app.serving.run_blocking import run

SCRIPT = """
from fastapi import FastAPI
from course_app import run
app = FastAPI()

@app.get("/")
def root():
    return "here"

run(app, port=0)
print("ended")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_it_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-u", "-c", f"import signal; signal.signal(2, signal.default_int_handler)\n{SCRIPT}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, line
        with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=20)) as client:
            assert client.get(address[0], timeout=20).json() == "here"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[0] == "ended\n"
    finally:
        process.kill()
        process.wait()


def test_what_is_no_app_and_a_busy_port_are_one_line() -> None:
    with pytest.raises(CourseError, match="needs an ASGI app"):
        run("main:app")
    from fastapi import FastAPI

    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CourseError, match="is busy"):
        run(FastAPI(), port=other.getsockname()[1])


def test_a_startup_that_fails_is_one_line() -> None:
    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        raise ValueError("no database at home")

    with pytest.raises(CourseError, match=r"startup \(lifespan\) failed: .*; fix it and run the cell again"):
        run(app, port=0, lifespan="on")
    gc.collect()  # a socket that was left open is a ResourceWarning, which fails the test
