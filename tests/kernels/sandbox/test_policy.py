"""The policy of the sandbox: what is shown, what is covered, and what a process may use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from course_app.kernels.sandbox import policy
from course_app.kernels.sandbox.policy import Limits, Sandbox, course_sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox is made of Linux namespaces")
FOLDER = Path("/tmp/k")


def test_the_environment_holds_nothing_of_the_graders(monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    made = Sandbox().environment(FOLDER)
    assert "SECRET" not in made and made["HOME"] == "/tmp/k/work" and made["TMPDIR"] == "/tmp/k/tmp"


def test_this_package_is_found_first_unless_it_is_installed(monkeypatch):
    checkout = str(Path(policy.__file__).parents[3])
    assert Sandbox().environment(FOLDER)["PYTHONPATH"] == checkout
    monkeypatch.setattr("sysconfig.get_path", lambda _name: checkout)
    assert "PYTHONPATH" not in Sandbox().environment(FOLDER)


def test_python_and_this_package_are_shown_and_what_is_hidden_in_them_is_covered():
    request = Sandbox(hidden=("/usr/share", "/nowhere/that/is/shown")).request(FOLDER, ["work"])
    shown = [path for path, visible in request["view"] if visible]
    assert {os.path.realpath(sys.prefix), str(Path(policy.__file__).parents[2])} <= set(shown)
    assert [path for path, visible in request["view"] if not visible] == ["/usr/share"]
    assert shown.index("/usr") >= 0 and request["view"].index(("/usr", True)) < request["view"].index(
        ("/usr/share", False)
    )


def test_limits_reach_the_request():
    request = Sandbox(Limits(processes=7, file=5, scratch=11)).request(FOLDER, ["work", "s"], ["c.json"])
    assert request["limits"]["RLIMIT_NPROC"] == 7 and request["limits"]["RLIMIT_FSIZE"] == 5
    assert request["scratch_bytes"] == 11
    assert (request["folders"], request["files"]) == (["work", "s", "tmp"], ["c.json"])
    assert request["cwd"] == "/tmp/k/work"


def test_a_courses_sandbox_hides_the_course_private_folders_and_the_home(tmp_path):
    made = course_sandbox(tmp_path / "course", tmp_path / "out", limits={"memory": 1})
    assert set(made.hidden) == {str(path.resolve()) for path in (tmp_path / "course", tmp_path / "out", Path.home())}
    assert made.limits == Limits(memory=1)


def test_a_limit_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(TypeError, match="memroy"):
        course_sandbox(tmp_path, limits={"memroy": 1})
