"""`course hub`: start a JupyterHub on this machine, to try a class with."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...manifest import find_root
from ...setup import trial_hub

HELP = "Try a class on this machine: a JupyterHub that lets in the names on a roster with one password."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course hub`."""
    parser.add_argument("--port", type=int, default=8000, help="listen on this port of 127.0.0.1 (default: 8000)")
    parser.add_argument("--folder", type=Path, help="the hub's own folder (default: .course/hub in the course)")
    parser.add_argument("--learners", default="ada,grace", help="who is on the roster (default: ada,grace)")


def run(args: argparse.Namespace) -> int:
    """Replace this process by a JupyterHub. Raises CourseError where the hub cannot start."""
    root = find_root()
    trial_hub.start(root, (args.folder or root / trial_hub.FOLDER).resolve(), args.port, args.learners.split(","))
