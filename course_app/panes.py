"""server.show(): an app's page inside the notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_app.errors import CourseError

if TYPE_CHECKING:
    from course_app.server import Server


@dataclass(frozen=True)
class Page:
    """The page `path` of a server: an iframe in a notebook, one line of text elsewhere."""

    name: str
    url: str
    path: str
    tabs: int
    height: int

    def __repr__(self) -> str:
        """Return a text without the port."""
        return f"<the page {self.path} of server {self.name!r}>"

    def _repr_html_(self) -> str:
        title, source = html.escape(repr(self)), html.escape(self.url + self.path)
        style = "flex: 1; border: 1px solid #888"
        frame = f'<iframe title="{title}" src="{source}" height="{self.height}" style="{style}"></iframe>'
        return f'<div style="display: flex; gap: 8px">{frame * self.tabs}</div>'


def show(server: Server, path: str, tabs: int, height: int) -> Page:
    """Return the page `path` of `server` in `tabs` panes of `height` pixels. Raises CourseError."""
    if not path.startswith("/"):
        raise CourseError(f"the path {path!r} must begin with a slash: use {'/' + path!r}")
    if not server.running:
        raise CourseError(f"server {server.name!r} is stopped: run `server = await serve(app)` again")
    return Page(server.name, server.url, path, tabs, height)
