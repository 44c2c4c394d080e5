"""nginx serves a site file with its replacements, and says what is wrong with a bad one."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from course_app import engines
from course_app.errors import CourseError


async def test_nginx_serves_the_site_with_its_replacements(nginx_installed: None, tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text('server { listen 80; location / { return 200 "GREETING"; } }')
    site, replace = tmp_path / "site.conf", {"GREETING": "hello"}
    async with await engines.nginx(site, replace) as nginx, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{nginx.port}/")).text == "hello"


async def test_nginx_says_what_is_wrong_with_its_file(nginx_installed: None, tmp_path: Path) -> None:
    (tmp_path / "bad.conf").write_text("server { listen 80; nonsense on; }")
    with pytest.raises(CourseError, match='^nginx: nginx ended at once: .*unknown directive "nonsense"'):
        await engines.nginx(tmp_path / "bad.conf")
    with pytest.raises(CourseError, match="bad.conf has no 'x' to replace"):
        await engines.nginx(tmp_path / "bad.conf", {"x": "y"})


async def test_without_nginx_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(CourseError, match="^nginx is not installed: sudo apt-get install nginx-light"):
        await engines.nginx(tmp_path / "any.conf")
