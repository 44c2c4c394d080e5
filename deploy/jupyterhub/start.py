"""A learner's server on the hub: hand out the course as the learner, then become `jupyterhub-singleuser`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from course_app.classroom.hand_out import hand_out
from course_app.classroom.learner_folders import COURSE
from course_app.errors import CourseError
from course_app.setup import lab_server

SOURCE = Path(__file__).resolve().parents[2]


def main() -> None:
    home = Path.home() / COURSE
    try:
        hand_out(SOURCE, home)
        lab_server.prepare(home)
    except CourseError as error:
        # A full disk must not lock a learner out of the work that fills it.
        print(f"course: {error}", file=sys.stderr, flush=True)
    home.mkdir(exist_ok=True)
    os.chdir(home)
    words = [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={home}"]
    # No search for language servers: it runs npm, which writes to the home folder.
    words.append("--LanguageServerManager.autodetect=False")
    if os.geteuid() == 0:
        words.append("--allow-root")
    os.execve(sys.executable, [*words, *sys.argv[1:]], lab_server.environment(home))


if __name__ == "__main__":
    main()
