"""`course run`: execute notebooks top to bottom and store their outputs, tidied."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...errors import NotebookError
from ...nb.files import read, write
from ...nb.tidy import tidy
from ..arguments import seconds

HELP = "Execute notebooks top to bottom in a fresh kernel and store their outputs, tidied."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course run`."""
    parser.add_argument("notebooks", nargs="+", type=Path, help="lessons or solutions")
    parser.add_argument("--timeout", type=seconds, default=60.0, help="seconds that one cell may take (default: 60)")


def run(args: argparse.Namespace) -> int:
    """Execute the notebooks one after the other. Exit code 0. Raises NotebookError for the first that fails."""
    for path in args.notebooks:
        execute(path, args.timeout)
        print(f"{path}: ran and stored")
    return 0


def execute(path: Path, timeout: float) -> None:
    """Run the notebook `path` in its own folder and store its outputs; one cell may take `timeout` seconds.

    Raises NotebookError, with nothing written, where a cell raises or takes too long, or the kernel dies.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    nb = nbformat.from_dict(read(path))
    client = NotebookClient(
        nb, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        last = [line for line in str(error).splitlines() if line.strip()]
        raise NotebookError(f"{path} did not run: {last[-1] if last else error}; nothing was written") from error
    write(path, tidy(nb))
