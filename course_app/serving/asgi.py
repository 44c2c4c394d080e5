"""Recognise an ASGI app, and name what was passed in place of one."""

from __future__ import annotations

import inspect
import types
from typing import Any

from ..errors import CourseError


def check_app(app: Any) -> None:
    """Raise CourseError unless `app` takes scope, receive and send (ASGI specification, "Applications").

    The error names what was passed instead, and what to pass.
    """
    problem = _problem(app)
    if problem:
        raise CourseError(f"serve() needs an ASGI app such as `app = FastAPI()`, not {problem}")


def _problem(app: Any) -> str | None:
    if isinstance(app, str):
        return f"the text {app!r}: pass the app itself, without quotes"
    if isinstance(app, types.ModuleType):
        return f"the module {app.__name__}: pass the app in it, {app.__name__.rpartition('.')[2]}.app"
    if isinstance(app, type):
        return f"the class {app.__name__}: call it, {app.__name__}()"
    if type(app).__name__ == "APIRouter":
        return "an APIRouter: make an app and call `app.include_router(router)`"
    if inspect.iscoroutine(app):
        return f"a coroutine ({app.__name__}): pass the app, not a call of an endpoint"
    if not callable(app):
        return f"{type(app).__name__} {app!r:.60}"
    return _wrong_parameters(app)


def _wrong_parameters(app: Any) -> str | None:
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):  # a callable in C tells nothing; uvicorn will find out
        return None
    name = getattr(app, "__name__", type(app).__name__)
    try:
        signature.bind({}, None, None)
    except TypeError:
        if not signature.parameters:
            return f"the function {name}(), which takes nothing: if it makes an app, call it: serve({name}())"
        given = ", ".join(signature.parameters)
        return f"the function {name}({given}): if it is an endpoint, pass the app that it is a route of"
    if not inspect.iscoroutinefunction(app) and not inspect.iscoroutinefunction(type(app).__call__):
        return f"{name}, which is not `async`: an ASGI app is `async def app(scope, receive, send)`"
    return None
