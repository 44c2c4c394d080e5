"""How the cells of this kernel ran, so that a check does not judge an answer that is older than its cell."""

from __future__ import annotations

from typing import Any

from ..nb.bindings import binds

_KEPT = 200  # runs that are remembered
_runs: list[tuple[str, str]] = []


def watch(shell: Any) -> None:
    """Remember from now on how each cell of this IPython shell ended. Calling it again changes nothing.

    Source: IPython documentation, "IPython Events", `post_run_cell`.
    """
    if shell is not None and remember_run not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", remember_run)


def remember_run(result: Any) -> None:
    """Note one run: its source, and what it raised as `Type: text`, or an empty text."""
    error = result.error_before_exec or result.error_in_exec
    source = str(getattr(result.info, "raw_cell", "") or "")
    _runs.append((source, f"{type(error).__name__}: {error}" if error is not None else ""))
    del _runs[:-_KEPT]


def failure_of(name: str) -> str:
    """Return what the last run of a cell that binds `name` raised, or an empty text where it ended well."""
    return next((error for source, error in reversed(_runs) if binds(source, name)), "")
