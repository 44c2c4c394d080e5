"""Files of a kernel that may be hostile: links are not followed, nothing blocks, memory is counted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from course_app.errors import CourseError
from course_app.kernels.untrusted_files import memory_of, open_socket, write_new

linux = pytest.mark.skipif(sys.platform != "linux", reason="sandboxed kernels need Linux")


def test_a_new_file_is_written(tmp_path):
    write_new(tmp_path / "new", b"data")
    assert (tmp_path / "new").read_bytes() == b"data"


@pytest.mark.parametrize("there", ["file", "link"])
def test_what_is_there_already_is_left_alone(tmp_path, there):
    target = tmp_path / "target"
    target.write_bytes(b"old")
    path = target
    if there == "link":
        path = tmp_path / "link"
        path.symlink_to(target)
    with pytest.raises(FileExistsError):
        write_new(path, b"data")
    assert target.read_bytes() == b"old"


@linux
def test_a_socket_can_be_connected_to_by_its_descriptor(short_path):
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(short_path / "s"))
        listener.listen()
        fd = open_socket(short_path, "s")
        os.rename(short_path / "s", short_path / "elsewhere")
        client.connect(f"/proc/self/fd/{fd}")
        os.close(fd)


@linux
@pytest.mark.parametrize("kind", ["missing", "pipe", "link", "folder is a link"])
def test_anything_else_is_refused_at_once(short_path, kind):
    folder = short_path / "folder"
    folder.mkdir()
    if kind == "pipe":
        os.mkfifo(folder / "s")
    elif kind == "link":
        (folder / "s").symlink_to("/dev/null")
    elif kind == "folder is a link":
        (short_path / "link").symlink_to(folder)
        folder = short_path / "link"
    with pytest.raises(CourseError, match="cannot be reached|what should be the server's socket is none"):
        open_socket(folder, "s")


@linux
def test_the_memory_of_all_processes_is_counted():
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    child = subprocess.Popen([sys.executable, "-c", "x = b'x' * 80_000_000; print(len(x), flush=True); input()"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    try:
        assert child.stdout is not None
        child.stdout.readline()
        own = os.open(f"/proc/{child.pid}", os.O_RDONLY | os.O_DIRECTORY)
        assert memory_of(own) == 0, "a folder without processes"
        os.close(own)
        all_of_it = memory_of(proc)
        assert all_of_it > 80_000_000 + psutil.Process().memory_info().rss / 2
        assert memory_of(proc, enough=2**62) >= all_of_it - 300_000_000, "shared pages count for each process"
    finally:
        child.kill()
        child.communicate()
        os.close(proc)


@linux
def test_a_proc_that_is_gone_holds_nothing():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = os.open(f"/proc/{child.pid}", os.O_RDONLY | os.O_DIRECTORY)
    child.kill()
    child.communicate()
    time.sleep(0)
    assert memory_of(gone) == 0
    os.close(gone)
