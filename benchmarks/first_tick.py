"""From a bare clone to the first ✔, done as a new user does it: `make lab`, a browser, a mouse and a keyboard.

Run it from the course's folder: `python benchmarks/first_tick.py [--screenshots FOLDER]`.
It clones the repository into an empty folder, with no uv on PATH and no cache of packages, and types at a steady pace.
What it cannot measure is how long somebody reads.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from course_app.setup.browser import ensure_browser, launch_options

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+/\S+")
ANSWER = """once_app = FastAPI()

@once_app.websocket("/ws")
async def once(websocket: WebSocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await websocket.send_text(f"Message text was: {text}")
    await websocket.close()
"""
PER_KEY = 15  # milliseconds
PATIENCE = 60_000  # milliseconds


@contextmanager
def lab(clone: Path, scratch: Path) -> Iterator[str]:
    """Run `make lab` in the clone and yield the address that it prints."""
    path = os.pathsep.join(place for place in os.environ["PATH"].split(os.pathsep) if not (Path(place) / "uv").exists())
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV")}
    env |= {"PATH": path, "HOME": str(scratch), "XDG_CACHE_HOME": str(scratch / "cache")}
    log = scratch / "make.log"
    with log.open("w") as out:
        words = ["make", "lab", "BROWSER=no", "PORT=8931"]
        process = subprocess.Popen(words, cwd=clone, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        while not (found := ADDRESS.search(log.read_text(errors="replace"))):
            if process.poll() is not None:
                raise SystemExit(log.read_text(errors="replace"))
            time.sleep(0.05)
        yield found[0].replace("localhost", "127.0.0.1")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(page: Page, what: str) -> None:
    for item in ("Run", what):
        page.get_by_role("menuitem", name=item, exact=True).click()


def first_lesson(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("heading", name="Start here").first.wait_for(timeout=PATIENCE)
    page.get_by_text("| Idle").first.wait_for(timeout=PATIENCE)  # JupyterLab runs nothing while a kernel starts
    run(page, "Run All Cells")
    cells = json.loads((ROOT / "notebooks" / "00_start.ipynb").read_text(encoding="utf-8"))["cells"]
    last = sum(cell["cell_type"] == "code" for cell in cells)
    page.get_by_text(f"[{last}]:").first.wait_for(timeout=PATIENCE)  # outputs are stored, with other numbers


def first_task(page: Page, address: str) -> None:
    page.goto(address.replace("notebooks/00_start.ipynb", "exercises/03_echo.ipynb"))
    stub = page.locator(".jp-CodeCell", has_text="your code here").first
    stub.locator(".cm-content").click(timeout=PATIENCE)
    run(page, "Run All Above Selected Cell")
    stub.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    for number, line in enumerate(ANSWER.splitlines()):
        if number:
            page.keyboard.press("Enter")
            page.keyboard.press("Home")  # JupyterLab indents by itself
            page.keyboard.press("Shift+End")
        page.keyboard.type(line, delay=PER_KEY)
    for _ in ("the answer", "its check"):
        page.keyboard.press("Shift+Enter")
    page.get_by_text("✔ echo.1", exact=True).first.wait_for(timeout=PATIENCE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screenshots", type=Path, help="a folder for what the browser showed")
    args = parser.parse_args()
    options = launch_options(ensure_browser())
    times = [("", time.perf_counter())]

    def mark(what: str) -> None:
        times.append((what, time.perf_counter()))

    scratch = Path(tempfile.mkdtemp(prefix="first-"))
    try:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(scratch / "course")], check=True)
        mark("git clone")
        with lab(scratch / "course", scratch) as address, sync_playwright() as playwright:
            mark("`make lab` until JupyterLab answers")
            page = playwright.chromium.launch(**options).new_page(viewport={"width": 1280, "height": 860})  # type: ignore[arg-type]
            for name, step in (("lesson 00 open and run", first_lesson), ("exercise 03 open, answered, ✔", first_task)):
                try:
                    step(page, address)
                    mark(name)
                finally:
                    if args.screenshots:
                        args.screenshots.mkdir(exist_ok=True)
                        page.screenshot(path=args.screenshots / f"{step.__name__}.png")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("| what | s |\n|---|---:|")
    for (_, before), (what, after) in zip(times, times[1:], strict=False):
        print(f"| {what} | {after - before:.1f} |")
    print(f"| all of it | {times[-1][1] - times[0][1]:.1f} |")


if __name__ == "__main__":
    sys.exit(main())
