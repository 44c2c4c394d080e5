"""A call of a coroutine function that says `write await` where a reader has forgotten the word."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Pending(Coroutine[Any, Any, T]):
    """The coroutine of one call, made when it is awaited: one that never is costs no warning and leaves nothing behind.

    It is a coroutine for `await`, `asyncio.create_task` and `asyncio.gather`.
    """

    def __init__(
        self, function: Callable[..., Coroutine[Any, Any, T]], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._make = functools.partial(function, *args, **kwargs)
        self._name = function.__name__
        self._coroutine: Coroutine[Any, Any, T] | None = None

    @property
    def _inner(self) -> Coroutine[Any, Any, T]:
        if self._coroutine is None:
            self._coroutine = self._make()
        return self._coroutine

    def send(self, value: Any) -> Any:
        """Resume the coroutine, as the event loop does."""
        return self._inner.send(value)

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Any:
        """Raise an exception where the coroutine waits."""
        return self._inner.throw(typ) if val is None else self._inner.throw(typ, val, tb)

    def close(self) -> None:
        """End the coroutine, where it has begun."""
        if self._coroutine is not None:
            self._coroutine.close()

    def __await__(self) -> Any:
        return self._inner.__await__()

    def __repr__(self) -> str:
        return f"{self._name}(…) has not run yet: write `await {self._name}(…)`"


def says_await(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return the coroutine function with calls that say `write await` when a notebook shows them."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return Pending(function, args, kwargs)

    return call
