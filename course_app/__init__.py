"""What the notebooks use. Each name is imported when it is first asked for, so that `import course_app` is quick."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_app.blocking import run as run
    from course_app.client import Closed as Closed
    from course_app.client import Refused as Refused
    from course_app.client import WaitTimeout as WaitTimeout
    from course_app.client import connect as connect
    from course_app.errors import CourseError as CourseError
    from course_app.learner import check as check
    from course_app.learner import hint as hint
    from course_app.learner import progress as progress
    from course_app.learner import reset as reset
    from course_app.learner import solution as solution
    from course_app.plots import plot as plot
    from course_app.probing import probe as probe
    from course_app.server import Server as Server
    from course_app.server import serve as serve
    from course_app.server import stop_all as stop_all
    from course_app.transcript import Transcript as Transcript

_HOMES = {
    "serve": "server",
    "connect": "client",
    "stop_all": "server",
    "run": "blocking",
    "Transcript": "transcript",
    "Server": "server",
    "CourseError": "errors",
    "Refused": "client",
    "Closed": "client",
    "WaitTimeout": "client",
    "check": "learner",
    "hint": "learner",
    "solution": "learner",
    "reset": "learner",
    "progress": "learner",
    "plot": "plots",
    "probe": "probing",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import the module that `name` lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return sorted(__all__)
