"""server.show(): an app's page inside the notebook, in one live pane or several side by side."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import CourseError

SCRIPT, STYLE = Path(__file__).with_name("panes.js"), Path(__file__).with_name("panes.css")
MOST = 9  # panes


class ServedApp(Protocol):
    """The part of `course_app.serving.server.Server` that panes need."""

    name: str

    @property
    def url(self) -> str:
        """The address for a browser, without a slash at the end. Raises CourseError on a Unix socket."""

    @property
    def port(self) -> int | None:
        """The TCP port, or None on a Unix socket."""

    @property
    def running(self) -> bool:
        """Whether the server accepts connections."""


@dataclass(frozen=True)
class Page:
    """The page `path` of a server in panes, one for each query: live in a notebook, one line of text elsewhere.

    url: the server's own address, or None on a Unix socket, which no browser reaches. height: pixels of each pane.
    panes.js chooses the address when the panes are shown: the kernel cannot know which one the browser reaches.
    """

    name: str
    url: str | None
    path: str
    queries: tuple[str, ...]
    height: int

    def __repr__(self) -> str:
        """Return a text without the port."""
        what = "the page" if len(self.queries) == 1 else f"{len(self.queries)} pages"
        return f"<{what} {self.path} of server {self.name!r}>"

    def _repr_html_(self) -> str | None:
        if self.url is None:
            return None
        wanted = html.escape(json.dumps(self._wanted()))
        return (
            f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
            f'<div class="course-panes" data-course-panes="{wanted}">The page appears here when this cell runs.</div>'
            f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
        )

    def _wanted(self) -> dict[str, Any]:
        """Return the parameters of panes.js."""
        assert self.url is not None
        return {
            "name": self.name,
            "direct": self.url,
            "port": int(self.url.rpartition(":")[2]),
            "hub": os.environ.get("JUPYTERHUB_SERVICE_PREFIX"),
            "codespace": _codespace(),
            "path": self.path,
            "queries": self.queries,
            "height": self.height,
        }


def show(server: ServedApp, path: str, tabs: int | Sequence[str], height: int) -> Page:
    """Return the page `path` of `server` in panes of `height` pixels.

    tabs: how many, from 1 to 9, or one query for each, such as `["?room=red", "?room=blue"]`. Raises CourseError.
    """
    if not path.startswith("/"):
        raise CourseError(f"the path {path!r} must begin with a slash: use {'/' + path!r}")
    if not server.running:
        raise CourseError(f"server {server.name!r} is stopped: run `server = await serve(app)` again")
    return Page(server.name, server.url if server.port is not None else None, path, _queries(tabs), height)


def _queries(tabs: int | Sequence[str]) -> tuple[str, ...]:
    queries = ("",) * tabs if isinstance(tabs, int) else tuple(tabs)
    if isinstance(tabs, str) or not 1 <= len(queries) <= MOST:
        raise CourseError(f"tabs={tabs!r} is no number from 1 to {MOST}, nor a list of queries: use tabs=2")
    for query in queries:
        if query and not query.startswith("?"):
            raise CourseError(f"the query {query!r} must begin with a question mark: use {'?' + query!r}")
    return queries


def _codespace() -> str | None:
    """Return the pattern of a codespace's addresses, which only VS Code in a browser needs; None elsewhere.

    Source: GitHub Docs, "Default environment variables for your codespace".
    """
    name, domain = os.environ.get("CODESPACE_NAME"), os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    return f"https://{name}-PORT.{domain}" if name and domain else None
