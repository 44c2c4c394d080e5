"""Whether a machine can have the sandbox: a process in it says so, and each thing that is missing is named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from course_app.kernels.sandbox import availability, policy
from course_app.kernels.sandbox.availability import why_unavailable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is made of Linux namespaces")


def test_this_machine_can_and_nothing_is_left(short_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(short_path))
    assert why_unavailable(policy.Sandbox()) is None
    assert os.listdir(short_path) == []


def test_other_systems_than_linux_are_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert why_unavailable(policy.Sandbox()) == "the sandbox needs Linux namespaces, and this is darwin, not Linux"


def test_what_the_machine_refuses_is_named():
    reason = why_unavailable(policy.Sandbox(limits=policy.Limits(scratch=-1)))
    assert reason is not None and "mount of" in reason and "Invalid argument" in reason


@pytest.mark.parametrize(
    ("probe", "reason"),
    [
        ("import sys; sys.exit('other processes can be seen')", "it does not hold: other processes can be seen"),
        ("1 / 0", "it does not hold: ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "it does not hold: exit code 3"),
    ],
)
def test_a_sandbox_that_does_not_hold_is_named(monkeypatch, probe, reason):
    monkeypatch.setattr(availability, "_PROBE", probe)
    assert why_unavailable(policy.Sandbox()) == reason


def test_a_probe_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(availability, "_PROBE", "while True: pass")
    monkeypatch.setattr(availability, "_SECONDS", 0.5)
    assert why_unavailable(policy.Sandbox()) == "a process in it did not end within 0.5 s"


def test_the_probe_fails_outside_of_a_sandbox():
    done = subprocess.run([sys.executable, "-c", availability._PROBE], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "other processes can be seen\n")


def test_packages_that_cannot_be_seen_are_named():
    packages = os.path.dirname(os.path.dirname(pytest.__file__))
    reason = why_unavailable(policy.Sandbox(hidden=(packages,)))
    assert reason is not None and "ipykernel cannot be imported in it" in reason


@pytest.mark.parametrize("user", [["--map-root-user"], ["--map-user=1000", "--map-group=1000"]], ids=["root", "other"])
def test_a_namespace_with_one_user_can_too(course, user):
    """As in a rootless container, where no other user can be had, and for a user without privileges."""
    code = (
        "from course_app.kernels.sandbox import availability, policy\n"
        "print(availability.why_unavailable(policy.Sandbox()))"
    )
    command = ["unshare", "--user", *user, sys.executable, "-c", code]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "None", done.stdout + done.stderr
