"""Mistakes that beginners make in every exercise, recognised in the source of the answer and in the server's log.

A mistake is named only where the source or the log proves it: a message never says what the program does not do.
The texts are in `course_app/messages/en/common.toml`, table `mistake`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_OF_STARLETTE = frozenset(
    {"receive_text", "receive_bytes", "receive_json", "send_text", "send_bytes", "send_json", "send_denial_response"}
)
"""Coroutine methods whose names only starlette.websockets.WebSocket has."""
COROUTINE_METHODS = _OF_STARLETTE | {"accept", "close", "receive", "send"}
"""Methods of starlette.websockets.WebSocket that return a coroutine."""
_ENDPOINT_DECORATORS = frozenset({"websocket", "websocket_route"})
_NEVER_AWAITED = re.compile(
    r"coroutine '(?:[\w.<>]*\.)?(\w+)' was never awaited|<coroutine object (?:[\w.<>]*\.)?(\w+) at"
)
_AFTER_CLOSE = re.compile(r"once a close message has been sent|Need to call \"accept\" first")
_NO_ENCODE = re.compile(r"'(\w+)' object has no attribute 'encode'")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Mistake:
    """One proven mistake: `name` is the id of its text, `fields` fill the text."""

    name: str
    fields: dict[str, object] = field(default_factory=dict)


def find_mistake(source: str, logs: Sequence[str] = (), received: str = "") -> Mistake | None:
    """Return the first common mistake that the answer proves to have, or None.

    `source` is the code of the answer, `logs` what its servers logged, `received` the transcript of what clients got.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    log = "\n".join(logs)
    for rule in _RULES:
        if mistake := rule(tree, log, received):
            return mistake
    return None


# Rules: each returns a mistake that is proven, or None


def _without_await(tree: ast.Module, log: str, received: str) -> Mistake | None:
    sockets, own = _websockets(tree), _own_coroutines(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            if ast.unparse(call.func) == "asyncio.sleep" or call_of_websocket(call, sockets) or _shape(call) in own:
                return Mistake("without-await", {"call": _short(call), "line": node.lineno})
    if match := _NEVER_AWAITED.search(f"{log}\n{received}"):
        return Mistake("never-awaited", {"name": match[1] or match[2]})
    return None


def _without_parentheses(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        value = value.value if isinstance(value, ast.Await) else value
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.attr in COROUTINE_METHODS:
            return Mistake("without-parentheses", {"call": _short(value), "line": value.lineno})
    return None


def _plain_def(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for function in _endpoints(tree):
        if isinstance(function, ast.FunctionDef):
            return Mistake("plain-def", {"name": function.name, "line": function.lineno})
    return None


def _without_annotation(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for function in _endpoints(tree):
        in_path = {
            name for decorator in function.decorator_list for name in re.findall(r"{(\w+)", ast.unparse(decorator))
        }
        for argument in [*function.args.posonlyargs, *function.args.args]:
            used = any(
                isinstance(node, ast.Attribute)
                and node.attr in COROUTINE_METHODS
                and isinstance(node.value, ast.Name)
                and node.value.id == argument.arg
                for node in ast.walk(function)
            )
            if argument.annotation is None and used and argument.arg not in in_path:
                return Mistake("without-annotation", {"name": argument.arg, "line": argument.lineno})
    return None


def _accept_in_loop(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for loop in _loops(tree):
        for node in _inside(loop):
            if isinstance(node, ast.Call) and _called(node) == "accept":
                return Mistake("accept-in-loop", {"line": node.lineno})
    return None


def _swallowed_in_loop(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for loop in _loops(tree):
        if not (isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value):
            continue
        for node in _inside(loop):
            if isinstance(node, ast.Try):
                for handler in node.handlers:
                    if _catches_the_leave(handler) and not _leaves(handler.body) and _receives(node.body):
                        return Mistake("except-in-loop", {"line": handler.lineno})
    return None


def _goes_on_after_close(tree: ast.Module, log: str, _received: str) -> Mistake | None:
    calls = {_called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if not _AFTER_CLOSE.search(log) or "accept" not in calls:
        return None
    for block in _blocks(tree):
        for position, statement in enumerate(block):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Await):
                call = statement.value.value
                if isinstance(call, ast.Call) and _called(call) == "close" and not _leaves(block[position + 1 :][:1]):
                    return Mistake("no-return-after-close", {"line": statement.lineno})
    return None


def _no_text(tree: ast.Module, log: str, _received: str) -> Mistake | None:
    if match := _NO_ENCODE.search(log):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "send_text":
                return Mistake("no-text", {"kind": match[1], "line": node.lineno})
    return None


def _blocking_sleep(tree: ast.Module, _log: str, _received: str) -> Mistake | None:
    for function in ast.walk(tree):
        if isinstance(function, ast.AsyncFunctionDef):
            for node in _inside(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
                    return Mistake("blocking-sleep", {"line": node.lineno})
    return None


_Rule = Callable[[ast.Module, str, str], Mistake | None]
_RULES: tuple[_Rule, ...] = (
    _without_parentheses,
    _without_await,
    _plain_def,
    _without_annotation,
    _accept_in_loop,
    _swallowed_in_loop,
    _goes_on_after_close,
    _no_text,
    _blocking_sleep,
)


# Looking at the source


def _called(call: ast.Call) -> str:
    """Return the last part of what is called: `send_text` for `websocket.send_text(…)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _short(node: ast.AST) -> str:
    """Return what is called, without its arguments: `websocket.send_text(…)`."""
    if not isinstance(node, ast.Call):
        return ast.unparse(node)
    return f"{ast.unparse(node.func)}({'…' if node.args or node.keywords else ''})"


def call_of_websocket(call: ast.Call, sockets: set[str]) -> bool:
    """Return whether the call makes a coroutine of a WebSocket: by a method that only it has, or of a known name."""
    if not isinstance(call.func, ast.Attribute):
        return False
    of_known = isinstance(call.func.value, ast.Name) and call.func.value.id in sockets
    return call.func.attr in _OF_STARLETTE or (of_known and call.func.attr in COROUTINE_METHODS)


def _websockets(tree: ast.Module) -> set[str]:
    """Return the names of the parameters that are annotated `WebSocket`."""
    return {
        argument.arg
        for function in ast.walk(tree)
        if isinstance(function, Function)
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if argument.annotation is not None and ast.unparse(argument.annotation).endswith("WebSocket")
    }


def _own_coroutines(tree: ast.Module) -> set[tuple[bool, str]]:
    """Return what the answer defines with `async def` and in no other way: (whether it is a method, its name)."""
    found: dict[tuple[bool, str], set[bool]] = {}
    methods = {id(one) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for one in node.body}
    for node in ast.walk(tree):
        if isinstance(node, Function) and not node.decorator_list:
            generates = any(isinstance(inner, ast.Yield) for inner in _inside(node))
            is_coroutine = isinstance(node, ast.AsyncFunctionDef) and not generates
            found.setdefault((id(node) in methods, node.name), set()).add(is_coroutine)
    return {shape for shape, kinds in found.items() if kinds == {True}}


def _shape(call: ast.Call) -> tuple[bool, str]:
    return isinstance(call.func, ast.Attribute), _called(call)


def _endpoints(tree: ast.Module) -> Iterator[Function]:
    """Yield the functions that a decorator such as `@app.websocket("/ws")` makes endpoints."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
            if any(_called(call) in _ENDPOINT_DECORATORS for call in calls):
                yield node


def _loops(tree: ast.Module) -> Iterator[ast.While | ast.AsyncFor]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.While | ast.AsyncFor))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a node, without the bodies of functions and classes that are defined there."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            yield child
            yield from _inside(child)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _leaves(body: list[ast.stmt]) -> bool:
    """Return whether some statement of the block ends the loop or the function."""
    return any(isinstance(node, ast.Return | ast.Break | ast.Raise) for one in body for node in [one, *_inside(one)])


def _receives(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.Call) and _called(node).startswith("receive")
        for one in body
        for node in [one, *_inside(one)]
    )


def _catches_the_leave(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    return any(name in caught for name in ("WebSocketDisconnect", "BaseException")) or caught in (
        "Exception",
        "(Exception,)",
    )
