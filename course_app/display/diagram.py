"""A transcript as an SVG sequence diagram."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .events import KEEPALIVE, RECEIVED, SENT, STATE, Event, lines

LANE, ROW, TOP, EDGE = 300, 30, 46, 70  # pixels
LONGEST = 40  # characters of a label
SERVER = "server"

# Okabe and Ito's palette, whose colours differ for the colour-blind as well; each kind also has its own dashes.
# Each colour has a contrast of at least 4.5 : 1 to its background.
LIGHT = "--ink: #1b1f24; --line: #8a929b; --handshake: #6a5000; --frame: #005f99; --ping: #595f66; --close: #a84300"
DARK = "--ink: #eceff2; --line: #7d858e; --handshake: #f0e442; --frame: #56b4e9; --ping: #b4bac1; --close: #ff9d5c"


def themed(selector: str, light: str, dark: str) -> str:
    """Return CSS that sets custom properties of `selector`: `light` or `dark`, as the system or the page's theme is.

    Themes: JupyterLab and Notebook 7, VS Code, the course's static site.
    """
    own = {
        light: ('body[data-jp-theme-light="true"]', "body.vscode-light", 'html[data-theme="light"]'),
        dark: ('body[data-jp-theme-light="false"]', "body.vscode-dark", 'html[data-theme="dark"]'),
    }
    rules = [f"{selector} {{ {light} }}", f"@media (prefers-color-scheme: dark) {{ {selector} {{ {dark} }} }}"]
    rules += [f"{', '.join(f'{theme} {selector}' for theme in themes)} {{ {css} }}" for css, themes in own.items()]
    return "\n".join(rules)


STYLE = themed(".course-wire", LIGHT, DARK) + "\n"
STYLE += """.course-wire text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: var(--ink) }
.course-wire .name { font-weight: bold; font-size: 13px }
.course-wire line { stroke-width: 1.6 }
.course-wire .lane { stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 4 }
.course-wire .handshake { stroke: var(--handshake); fill: var(--handshake); stroke-dasharray: 9 3 }
.course-wire .frame { stroke: var(--frame); fill: var(--frame) }
.course-wire .ping { stroke: var(--ping); fill: var(--ping); stroke-dasharray: 2 3 }
.course-wire .close { stroke: var(--close); fill: var(--close); stroke-dasharray: 9 3 2 3 }
.course-wire polygon { stroke-dasharray: none !important; stroke-width: 0 }
"""


@dataclass(frozen=True)
class Diagram:
    """A sequence diagram: the clients' lanes, the server's lane on the right, one row per event, time downwards."""

    events: tuple[Event, ...]

    def __repr__(self) -> str:
        """Return the transcript's text, which is what strict nbval compares."""
        return lines(self.events)

    def _repr_html_(self) -> str:
        # As HTML it can follow the notebook's theme and be read aloud: JupyterLab makes an image of image/svg+xml.
        return self.svg()

    def svg(self) -> str:
        """Return the SVG, the same for the same events; `<title>` and `<desc>` hold it as text."""
        lanes = list(dict.fromkeys(event.lane for event in self.events))
        places = {lane: EDGE + number * LANE for number, lane in enumerate(lanes)}
        server = EDGE + len(lanes) * LANE
        width, height = server + EDGE, TOP + ROW * len(self.events) + 24
        drawn = [_event(event, places[event.lane], server, TOP + ROW * (n + 1)) for n, event in enumerate(self.events)]
        heads = [_head(name, x, height) for name, x in [*places.items(), (SERVER, server)]]
        title = f"Sequence diagram: {', '.join(lanes) or 'nobody'} and the server, {len(self.events)} events"
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" class="course-wire" role="img" width="{width}" '
                f'height="{height}" viewBox="0 0 {width} {height}" style="max-width: 100%; height: auto">',
                f"<title>{_safe(title)}</title>",
                f"<desc>{_safe(lines(self.events))}</desc>",
                f"<style>{STYLE.strip()}</style>",
                *heads,
                *drawn,
                "</svg>",
            ]
        )


def _head(name: str, x: int, height: int) -> str:
    text = f'<text class="name" x="{x}" y="20" text-anchor="middle">{_safe(_short(name, 18))}</text>'
    return f'{text}<line class="lane" x1="{x}" y1="28" x2="{x}" y2="{height - 8}"/>'


def _event(event: Event, client: int, server: int, y: int) -> str:
    if event.mark == STATE:
        kind = "close" if event.text.startswith(("CLOSED", "ABORTED", "REFUSED", "WAITED")) else "handshake"
        dot = f'<circle class="{kind}" cx="{client}" cy="{y - 4}" r="4"/>'
        return f'{dot}<text x="{client + 10}" y="{y}">{_safe(_short(event.text))}</text>'
    to_server = event.mark == SENT or (event.mark == KEEPALIVE and event.text.endswith("sent"))
    kind, (start, end) = _kind(event), (client, server) if to_server else (server, client)
    back = -9 if end > start else 9
    arrow = f'<line class="{kind}" x1="{start}" y1="{y}" x2="{end + back // 2}" y2="{y}"/>'
    tip = f'<polygon class="{kind}" points="{end},{y} {end + back},{y - 4} {end + back},{y + 4}"/>'
    middle = client + LANE // 2  # beside its own lane, clear of the lanes further right
    return f'{arrow}{tip}<text x="{middle}" y="{y - 5}" text-anchor="middle">{_safe(_short(event.text))}</text>'


def _kind(event: Event) -> str:
    if event.mark == KEEPALIVE:
        return "ping"
    if event.text.startswith("CLOSE"):
        return "close"
    is_handshake = event.mark in (SENT, RECEIVED) and (event.text.startswith("GET ") or event.text[:3].isdigit())
    return "handshake" if is_handshake else "frame"


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _safe(text: str) -> str:
    """Escape markup, and replace the control characters that XML 1.0 forbids."""
    return escape("".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text))
