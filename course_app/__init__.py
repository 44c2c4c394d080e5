"""The names that notebooks use. Each is imported at its first use, so that `import course_app` is quick."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client.client import Closed as Closed
    from .client.client import Refused as Refused
    from .client.client import WaitTimeout as WaitTimeout
    from .client.client import connect as connect
    from .display.plots import plot as plot
    from .display.transcript import Transcript as Transcript
    from .errors import CourseError as CourseError
    from .learner.commands import check as check
    from .learner.commands import hint as hint
    from .learner.commands import progress as progress
    from .learner.commands import reset as reset
    from .learner.commands import solution as solution
    from .learner.probe import probe as probe
    from .serving.run_blocking import run as run
    from .serving.server import Server as Server
    from .serving.server import serve as serve
    from .serving.server import stop_all as stop_all

_MODULES = {
    "serve": "serving.server",
    "connect": "client.client",
    "stop_all": "serving.server",
    "run": "serving.run_blocking",
    "Transcript": "display.transcript",
    "Server": "serving.server",
    "CourseError": "errors",
    "Refused": "client.client",
    "Closed": "client.client",
    "WaitTimeout": "client.client",
    "check": "learner.commands",
    "hint": "learner.commands",
    "solution": "learner.commands",
    "reset": "learner.commands",
    "progress": "learner.commands",
    "plot": "display.plots",
    "probe": "learner.probe",
}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    """Import the module that defines `name` and return its value (PEP 562). Raises AttributeError."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return sorted(__all__)
