"""A thread that detects a blocked event loop, reports it, and handles the interrupt that the blocked loop cannot."""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from .blocking_call import find_blocking_call, runs_learners_code

BEAT = 0.1  # seconds between two heartbeats, and between two looks at them
PATIENCE = 1.0  # seconds without a heartbeat until the learner is told
INTERRUPT_AFTER = 0.4  # seconds that ipykernel gets to act on an interrupt by itself
NUDGE = getattr(signal, "SIGURG", None)  # its default action is none, so that a late one does no harm

_watchdogs: dict[asyncio.AbstractEventLoop, Watchdog] = {}


class Interrupted(BaseException):
    """Raised inside code that blocks the event loop, when the learner interrupts the kernel.

    It is no Exception, so that `except Exception` does not swallow it, and no KeyboardInterrupt, which would end
    the kernel's event loop.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def enter(loop: asyncio.AbstractEventLoop) -> None:
    """Watch `loop`. Each server that starts on it calls this once, in the loop's thread."""
    for dead in [other for other in _watchdogs if other.is_closed()]:
        _watchdogs.pop(dead).stop()
    if loop not in _watchdogs:
        _watchdogs[loop] = Watchdog(loop)
    _watchdogs[loop].servers += 1


def leave(loop: asyncio.AbstractEventLoop) -> None:
    """Undo one enter(); after the last one the thread ends."""
    watchdog = _watchdogs.get(loop)
    if watchdog is None:
        return
    watchdog.servers -= 1
    if watchdog.servers == 0:
        del _watchdogs[loop]
        watchdog.stop()


def hear(loop: asyncio.AbstractEventLoop) -> None:
    """Handle interrupts of `loop` from now on, not from its next heartbeat on: a cell may have just ended."""
    watchdog = _watchdogs.get(loop)
    if watchdog is not None:
        watchdog.hear()


class Watchdog:
    """Watches one event loop: the loop sets a heartbeat, a thread looks at it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.servers = 0
        self.beats = 0
        self.interrupted = False  # set while an interrupt waits for a heartbeat
        self._loop = loop
        self._ident = threading.get_ident()
        self._ends, self._wakes = socket.socketpair()
        self._wakes.setblocking(False)
        self._ends.settimeout(BEAT)  # poll(2) waits on any descriptor; select(2) only on those below 1,024
        self._over = False
        self._signals = _Signals(self, self._wakes.fileno()) if _in_main_thread() else None
        self._thread = threading.Thread(target=self._watch, name="course-watchdog", daemon=True)
        self._handle: asyncio.TimerHandle | None = None
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give the signals back."""
        self._over = True
        if self._handle:
            self._handle.cancel()
        if self._signals:
            self._signals.restore()
        with suppress(OSError):
            self._wakes.send(b"\0")
        self._thread.join(1.0)
        self._ends.close()
        self._wakes.close()

    def hear(self) -> None:
        """Handle interrupts from now on; ipykernel's settings change with each cell."""
        if self._signals:
            self._signals.keep()

    def _beat(self) -> None:
        self.beats += 1
        self.interrupted = False
        self.hear()
        self._handle = self._loop.call_later(BEAT, self._beat, context=contextvars.Context())

    def _watch(self) -> None:
        """Count how long the heartbeat has been the same.

        A tick counts for at most its nominal length: on a machine that is starved, the watchdog is late as well.
        """
        seen, silent, reported, asked = self.beats, 0.0, False, 0.0
        while not self._over:
            began = time.monotonic()
            received = self._wait(BEAT)
            passed = min(time.monotonic() - began, BEAT)
            silent += passed
            if signal.SIGINT in received:
                self.interrupted, asked = True, 0.0
            if self.beats != seen or not self._loop.is_running():
                seen, silent, reported = self.beats, 0.0, False
                continue
            if silent >= PATIENCE and not reported:
                reported = True
                self._report()
            if self.interrupted:
                asked += passed
                if asked >= INTERRUPT_AFTER:
                    asked = 0.0
                    self._break_in()

    def _wait(self, seconds: float) -> bytes:
        """Wait for signal numbers, pass them on to the descriptor that was set before, and return them."""
        try:
            received = self._ends.recv(4096)
        except OSError as error:  # TimeoutError, or closed by `stop`
            if not isinstance(error, TimeoutError):
                time.sleep(seconds)
            return b""
        if self._signals:
            self._signals.pass_on(received)
        return received

    def _report(self) -> None:
        found = find_blocking_call(self._ident)
        if found is None:
            return
        call, fix = found
        text = f"course: the event loop has been blocked for over a second by {call}; "
        # An empty context: ipykernel then shows the line under the cell that runs now.
        contextvars.Context().run(print, f"{text}the server cannot answer until it returns: {fix}.", flush=True)

    def _break_in(self) -> None:
        """Raise Interrupted in learner's code that blocks the loop's thread, and in no other code: on a machine that is
        slow, it would break ipykernel or a server.

        A cell without `await` gets Python's KeyboardInterrupt anyway.
        """
        if self._signals is None or signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            return
        if self._signals.nudges and NUDGE is not None:
            signal.pthread_kill(self._ident, NUDGE)
        elif runs_learners_code(sys._current_frames().get(self._ident)):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._ident), ctypes.py_object(Interrupted))


class _Signals:
    """The interpreter's signal settings that the watchdog needs, and what they were before."""

    def __init__(self, watchdog: Watchdog, wake: int) -> None:
        self._watchdog = watchdog
        self._wake = wake
        self._before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.nudges = NUDGE is not None and signal.getsignal(NUDGE) == signal.SIG_DFL
        if self.nudges and NUDGE is not None:
            signal.signal(NUDGE, self._nudged)
        self.keep()

    def keep(self) -> None:
        """Hold on to the wake-up descriptor, which asyncio sets too, and hear interrupts while no cell runs."""
        before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        if before != self._wake:
            self._before = before
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            signal.signal(signal.SIGINT, _heard)

    def pass_on(self, received: bytes) -> None:
        """Give the signal numbers to the descriptor that was set before ours."""
        if self._before != -1:
            with suppress(OSError):
                os.write(self._before, received)

    def restore(self) -> None:
        """Put everything back that is still ours."""
        if not _in_main_thread():
            return
        now = signal.set_wakeup_fd(-1)
        with suppress(OSError, ValueError):
            signal.set_wakeup_fd(self._before if now == self._wake else now, warn_on_full_buffer=False)
        if signal.getsignal(signal.SIGINT) is _heard:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.nudges and NUDGE is not None:
            signal.signal(NUDGE, signal.SIG_DFL)

    def _nudged(self, _number: int, frame: FrameType | None) -> None:
        """Raise in the code that blocks the loop; unlike PyThreadState_SetAsyncExc this ends a time.sleep() too."""
        if self._watchdog.interrupted and runs_learners_code(frame):
            raise Interrupted("you interrupted the kernel while this code blocked the event loop")


def _heard(number: int, frame: Any) -> None:
    """Take the place of SIG_IGN, under which no interrupt would reach the wake-up descriptor."""


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
