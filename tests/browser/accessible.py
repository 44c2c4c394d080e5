"""axe-core's verdict on a page, and what our pages look like."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PAGE_COLOUR = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}  # common.css
SERIOUS = ("serious", "critical")


def faults(page: Page, part: str | None = None) -> list[str]:
    """Return one line for each serious or critical fault in the page, or in the part that a CSS selector names."""
    found = Axe().run(page, context=part).response["violations"]
    return [
        f"{fault['impact']}: {fault['id']}: {fault['help']}: {node['html'][:160]}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
