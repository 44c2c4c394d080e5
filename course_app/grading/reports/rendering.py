"""HTML pages from the Jinja templates in `templates/`, with every value escaped.

Source: Jinja documentation, "Autoescaping" and "Environment" (`finalize`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ...checks.verdict import with_code

TEMPLATES = Path(__file__).with_name("templates")
LONGEST = 20_000
"""Characters of one value that a page shows at most."""


def render(template: str, **values: Any) -> str:
    """Return the page that `template`, a file name in `templates/`, makes of `values`.

    A text in `values` is data: markup and template syntax in it are shown, not obeyed.
    Raises jinja2.UndefinedError for a value that the template needs and does not get.
    """
    return _environment().get_template(template).render(values)


def shortened(text: str, most: int) -> str:
    """Return the first `most` characters of `text`, and an ellipsis where there are more."""
    return text if len(text) <= most else f"{text[:most]}…"


def visible(value: Any) -> Any:
    """Return a text with its control characters made visible and at most LONGEST characters; other values unchanged."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(_visible(letter) for letter in shortened(value, LONGEST))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["code"] = _code
    return environment


def _code(text: str) -> Markup:
    """Return `text` escaped, with what stands between backticks set as code."""
    return Markup(with_code(str(escape(visible(text)))))


def _visible(letter: str) -> str:
    if letter in "\n\t" or letter.isprintable():
        return letter
    return chr(0x2400 + ord(letter)) if ord(letter) < 32 else "\ufffd"
