"""The thread that notices a blocked event loop."""

from __future__ import annotations

import asyncio


def enter(loop: asyncio.AbstractEventLoop) -> None:
    """Watch `loop` from now on."""


def leave() -> None:
    """Watch no longer, unless another server still runs."""
