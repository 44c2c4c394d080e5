"""What the HTML reports share: a page without anything from outside, and escaping of all that learners wrote."""

from __future__ import annotations

import html

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 25%,transparent);
 --good:#2a7d46;--bad:#b3402a;--part:#b98a1d}
body{font:15px/1.5 system-ui,sans-serif;max-width:74rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid var(--line);padding:.25rem .6rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right}
.scroll{overflow-x:auto}.dim{opacity:.75}.warn{border-left:5px solid var(--bad);padding:.4rem .8rem;margin:1rem 0}
th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid currentColor}
th[aria-sort=ascending] button::after{content:" \\25b2"}th[aria-sort=descending] button::after{content:" \\25bc"}
.passed{color:var(--good)}.failed,.timed_out{color:var(--bad)}.not_attempted,.not_reached{opacity:.6}
pre{white-space:pre-wrap;overflow-wrap:anywhere;
 border:1px solid var(--line);padding:.5rem;margin:.2rem 0;font-size:.85em}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}figure{margin:0}
svg text{fill:currentColor;font:12px system-ui,sans-serif}
"""


def document(title: str, body: str, script: str = "") -> str:
    """Return a whole page; `title` is escaped here, `body` and `script` are markup."""
    code = f"<script>{script}</script>" if script else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head><body>\n{body}\n{code}</body></html>\n"
    )


def text(value: object, most: int = 20_000) -> str:
    """Return a value as text that no browser takes for markup, control characters made visible, and not too long."""
    plain = str(value)
    shown = "".join(_visible(letter) for letter in plain[:most])
    return html.escape(shown) + ("…" if len(plain) > most else "")


def _visible(letter: str) -> str:
    if letter in "\n\t" or letter.isprintable():
        return letter
    return chr(0x2400 + ord(letter)) if ord(letter) < 32 else "\ufffd"


def table(head: list[tuple[str, bool]], rows: list[list[str]], name: str = "") -> str:
    """Return a table: `head` holds captions and whether their column is of numbers; cells are markup already."""
    kinds = [' class="n"' if number else "" for _, number in head]
    captions = "".join(
        f'<th scope="col"{kind}>{f"<button>{text(word)}</button>" if name else text(word)}</th>'
        for (word, _), kind in zip(head, kinds, strict=True)
    )
    lines = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    mark = f' id="{name}"' if name else ""
    return f'<div class="scroll"><table{mark}><thead><tr>{captions}</tr></thead><tbody>{lines}</tbody></table></div>'


def unsandboxed(reason: str) -> str:
    """Return the warning that a report without a sandbox begins with, or nothing."""
    if not reason:
        return ""
    return (
        '<p class="warn"><strong>Not sandboxed.</strong> '
        f"Learners’ code ran with the grader’s rights ({text(reason)}). These marks are advice.</p>"
    )
