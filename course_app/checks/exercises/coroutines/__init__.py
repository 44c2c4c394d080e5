"""Checks of the exercise `coroutines`: the learner's coroutine functions ask a server of the check's own."""

from . import questions, time_limits

__all__ = ["questions", "time_limits"]
