"""JupyterLab as a person meets it: a server on a copy of the course, and a notebook open in a browser."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from course_app.setup import lab_server

PARTS = ("course.toml", "notebooks", "exercises", "solutions", "docs", "README.md")
START_TIMEOUT = 60.0
RUN_TIMEOUT = 120.0
ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):(\d+)/")

OPEN = """async (path) => {
    const app = window.jupyterapp;
    const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await panel.context.ready;
    await panel.sessionContext.ready;
    app.shell.activateById(panel.id);
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => cell.toJSON())"""
EDIT = """([id, source]) => {
    const cell = window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.find(one => one.id === id);
    if (!cell) throw new Error(`no cell is called ${id}`);
    cell.setSource(source);
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
SHOW = """async (id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex(one => one.model.id === id);
    if (index < 0) throw new Error(`no cell is called ${id}`);
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'center');
}"""
FRONT = """(path) => {
    const { shell } = window.jupyterapp;
    shell.activateById([...shell.widgets('main')].find(one => one.context?.path === path).id);
}"""
RUN = """async (id) => {
    const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
    const index = content.widgets.findIndex(one => one.model.id === id);
    if (index < 0) throw new Error(`no cell is called ${id}`);
    content.activeCellIndex = index;
    content.deselectAll();
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
MARK = """(id) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.widgets.find(one => one.model.id === id).node.dataset.cellId = id;
}"""
CLOSE = """async () => {
    const app = window.jupyterapp, panel = app.shell.currentWidget;
    await panel.sessionContext.shutdown();
    await panel.context.revert();
    panel.close();
}"""


BASE = "/user/zoe/"  # as on JupyterHub and Binder; an address that leaves it out is wrong
REMOTE = "hub.test"  # the browser takes it for another machine, and finds this one there


@dataclass(frozen=True)
class Desk:
    """A running JupyterLab. `root` is the copy of the course that it serves; `url` and `remote` have no token.

    url: its address on this machine. remote: as a page sees it that belongs to another one.
    """

    root: Path
    url: str
    token: str

    @property
    def remote(self) -> str:
        """The same server, under a name that is not this machine's."""
        return self.url.replace("127.0.0.1", REMOTE)


@contextlib.contextmanager
def jupyterlab(course: Path, folder: Path) -> Iterator[Desk]:
    """Serve a copy of the course in `folder` with this environment's JupyterLab; stop it at the end.

    Raises RuntimeError with the server's last lines when it does not start in time.
    """
    root = folder / "course"
    for name in PARTS:
        source = course / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.is_file():
            root.mkdir(exist_ok=True)
            shutil.copy(source, root / name)
    lab_server.prepare(root)
    token = secrets.token_hex(16)
    extra = [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True", "--ServerApp.ip=127.0.0.1"]
    extra += [f"--ServerApp.base_url={BASE}", "--ServerApp.allow_remote_access=True"]
    extra.append("--JupyterNotebookApp.expose_app_in_browser=True")
    log = folder / "jupyterlab.log"
    with log.open("w") as out:
        words = lab_server.command(root, port=0, browser=False, extra=extra)
        process = subprocess.Popen(words, cwd=root, env=lab_server.environment(root), stdout=out, stderr=out)
        try:
            yield Desk(root, f"http://127.0.0.1:{wait_for_port(process, log)}{BASE}".rstrip("/"), token)
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port that JupyterLab says it listens on."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        found = [int(port) for port in ADDRESS.findall(log.read_text(errors="replace")) if port != "0"]
        if found:
            return found[0]
        time.sleep(0.05)
    raise RuntimeError("JupyterLab did not start:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))


class Notebook:
    """One notebook, open in JupyterLab. Cells are named by their id."""

    def __init__(self, page: Page, path: str) -> None:
        self.page, self.path = page, path

    def open(self) -> Notebook:
        """Open it and wait until its kernel is ready."""
        self.page.evaluate(OPEN, self.path)
        return self

    def run(self, cell_id: str) -> None:
        """Bring the notebook to the front, run one cell and wait until it has ended."""
        self.page.evaluate(FRONT, self.path)
        self.page.evaluate(RUN, cell_id)

    def output(self, cell_id: str) -> Locator:
        """Return the part of the page where a cell shows what it made."""
        self.page.evaluate(MARK, cell_id)
        return self.page.locator(f'[data-cell-id="{cell_id}"] .jp-OutputArea')

    def run_all(self) -> None:
        """Run every cell and wait until the last has ended, at most RUN_TIMEOUT seconds."""
        self.page.set_default_timeout(RUN_TIMEOUT * 1000)
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'"
        )

    def run_all_from_menu(self) -> None:
        """The same, by mouse: Run > Run All Cells."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        code = [cell["id"] for cell in self.cells() if cell["cell_type"] == "code" and self._source(cell).strip()]
        self.page.wait_for_function(
            """id => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cell = panel.content.model.sharedModel.cells.find(one => one.id === id);
                return cell.execution_count !== null && panel.sessionContext.kernelDisplayStatus === 'idle';
            }""",
            arg=code[-1],
            timeout=RUN_TIMEOUT * 1000,
        )

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells as nbformat has them, outputs included."""
        found: list[dict[str, Any]] = self.page.evaluate(CELLS)
        return found

    def errors(self) -> list[str]:
        """Return one line for each cell that has an error as its output."""
        return [
            f"{cell['id']}: {output['ename']}: {output['evalue']}"
            for cell in self.cells()
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]

    def unexpected_errors(self) -> list[str]:
        """Return the errors of cells that are not meant to raise."""
        meant = self.expected_errors()
        return [line for line in self.errors() if line.partition(":")[0] not in meant]

    def expected_errors(self) -> set[str]:
        """Return the ids of cells that are meant to raise: tagged raises-exception."""
        return {c["id"] for c in self.cells() if "raises-exception" in c.get("metadata", {}).get("tags", [])}

    def text(self, cell_id: str) -> str:
        """Return what a cell printed or returned, as text. Raises KeyError where there is no such cell."""
        for cell in self.cells():
            if cell["id"] == cell_id:
                return "\n".join(self._text(output) for output in cell.get("outputs", []))
        raise KeyError(cell_id)

    def edit(self, cell_id: str, source: str) -> None:
        """Put this source into a cell."""
        self.page.evaluate(EDIT, [cell_id, source])

    def show(self, cell_id: str) -> None:
        """Scroll a cell into view."""
        self.page.evaluate(SHOW, cell_id)

    def screenshot(self, path: Path) -> Path:
        """Keep what the browser shows as PNG, the folder made where it is missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path

    def close(self) -> None:
        """Stop the kernel, and close the tab without saving."""
        self.page.evaluate(CLOSE)

    @staticmethod
    def _source(cell: dict[str, Any]) -> str:
        source = cell["source"]
        return source if isinstance(source, str) else "".join(source)

    @staticmethod
    def _text(output: dict[str, Any]) -> str:
        if output["output_type"] == "error":
            return f"{output['ename']}: {output['evalue']}"
        value = output.get("text", output.get("data", {}).get("text/plain", ""))
        return value if isinstance(value, str) else "".join(value)
