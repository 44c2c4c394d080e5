"""`course lab`: start JupyterLab on the first lesson."""

from __future__ import annotations

import argparse

from ...manifest import find_root
from ...setup import lab_server

HELP = "Open JupyterLab on the first lesson. Words after -- go to JupyterLab."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course lab`."""
    parser.add_argument("--port", type=int, help="listen on this port (default: 8888, or the next free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.add_argument("jupyter", nargs="*", help="options for JupyterLab, after --")


def run(args: argparse.Namespace) -> int:
    """Replace this process by JupyterLab. Raises CourseError for a port that is taken."""
    lab_server.start(find_root(), port=args.port, browser=not args.no_browser, extra=args.jupyter)
