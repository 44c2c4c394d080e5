"""The chat for production: settings, health checks, metrics, a log without secrets, graceful shutdown.

    uvicorn course_app.apps.deployed:app --workers 2 --timeout-graceful-shutdown 5 --ws-max-size 65536

Settings come from the environment: `BROKER_URL`, `BROKER_TIMEOUT`, `CLIENT_LIMIT`, `LOG_LEVEL`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.requests import HTTPConnection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from course_app.apps import scaled_chat
from course_app.apps.scaled_chat import Chat

SECRET = re.compile(
    r"((?:token|ticket|password|secret|key)=)(?!\*\*\*)[^&\s\"']+"  # in a query
    r"|(://[^/\s:@]*:)(?!\*\*\*)[^@\s]+(?=@)",  # before a host
    re.IGNORECASE,
)


def redact(value: object) -> object:
    """Return a text with `***` in place of each secret: after `token=` and similar names, and in the URLs."""
    return SECRET.sub(lambda found: f"{found[1] or found[2]}***", value) if isinstance(value, str) else value


class Settings(scaled_chat.Settings):
    """Settings from the environment: those of `scaled_chat`, `CLIENT_LIMIT` and `LOG_LEVEL`."""

    client_limit: int = 1000  # clients of one worker; the next one is refused with 503
    log_level: str = "INFO"


class RedactSecrets(logging.Filter):
    """Replace secrets in log records by `***`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place and return True. The arguments stay separate: uvicorn's formatter needs them."""
        if isinstance(record.args, tuple):
            record.args = tuple(redact(value) for value in record.args)
        if SECRET.search(record.getMessage()):  # in the message, or its name there and its value in an argument
            record.msg, record.args = redact(record.getMessage()), ()
        return True


def set_up_logging(level: str) -> None:
    """Send the log of the broker to standard error, as uvicorn does, and redact secrets in both."""
    course = logging.getLogger("course")
    course.setLevel(level)
    if not course.handlers:
        course.addHandler(logging.StreamHandler())
        course.handlers[0].setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    # The filter of a logger is not asked for records of its children: each logger needs its own (Python documentation,
    # "Logging HOWTO"). uvicorn logs handshakes to "uvicorn.error".
    for name in ("course.broker", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, RedactSecrets) for each in logger.filters):
            logger.addFilter(RedactSecrets())


class ChatCollector(Collector):
    """Metrics of this worker, taken when Prometheus asks; the label `worker` is the process id."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics that show whether this worker keeps up."""
        chat: Chat = self.app.state.chat
        queues = [len(client.queue) for client in chat.manager.clients()]
        gauges = {
            "chat_connections": ("Clients connected to this worker", len(queues)),
            "chat_rooms": ("Rooms that this worker has joined", len(chat.relays)),
            "chat_queued_messages": ("Messages that wait for clients", sum(queues)),
            "chat_longest_queue": ("Messages that wait for the slowest client", max(queues, default=0)),
            "chat_broker_up": ("Whether the broker is in reach", int(chat.broker.problem is None)),
            "chat_broker_outbox": ("Messages that wait for the broker", chat.broker.outbox_size),
        }
        worker = str(os.getpid())
        for name, (text, value) in gauges.items():
            gauge = GaugeMetricFamily(name, text, labels=["worker"])
            gauge.add_metric([worker], value)
            yield gauge
        reconnects = CounterMetricFamily("chat_broker_reconnects", "Lost connections to the broker", labels=["worker"])
        reconnects.add_metric([worker], chat.broker.reconnects)
        yield reconnects


async def healthz() -> dict[str, str]:
    """Answer 200 while this process runs (liveness). The broker is not checked: a restart would not fix it."""
    return {"status": "alive"}


def is_full(app: FastAPI) -> bool:
    """Return whether this worker has as many clients as `client_limit`."""
    return len(app.state.chat.manager.clients()) >= app.state.settings.client_limit


async def refuse_when_full(connection: HTTPConnection) -> None:
    """Refuse a WebSocket with 503 when this worker is full, so that its client tries again later."""
    if connection.scope["type"] == "websocket" and is_full(connection.app):
        raise HTTPException(503, "full: come back later", {"Retry-After": "5"})


async def readyz(request: Request) -> dict[str, str]:
    """Answer 200 when clients may come here, and 503 while the broker is out of reach or this worker is full."""
    chat: Chat = request.app.state.chat
    if chat.broker.problem:
        raise HTTPException(503, chat.broker.problem)
    if is_full(request.app):
        raise HTTPException(503, "full")
    return {"status": "ready"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; without settings it reads the environment."""
    settings = settings or Settings()
    set_up_logging(settings.log_level)
    app = scaled_chat.create_app(settings, dependencies=[Depends(refuse_when_full)])
    registry = CollectorRegistry()
    registry.register(ChatCollector(app))

    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.add_api_route("/healthz", healthz)
    app.add_api_route("/readyz", readyz)
    app.add_api_route("/metrics", metrics)
    return app


app = create_app()
