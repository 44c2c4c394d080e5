"""A real nginx in front of workers, with the configuration that the course hands out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Self

from ..errors import CourseError
from .child_process import Engine, answers, find, free_port

INSTALL = "sudo apt-get install nginx-light (Debian, Ubuntu), or brew install nginx (macOS)"
# What nginx needs around a site to run as an ordinary user, in the foreground, in one folder.
MAIN = """
daemon off; worker_processes 1; pid $folder/pid; error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log $folder/access.log;
  client_body_temp_path $folder/t1; proxy_temp_path $folder/t2;
  fastcgi_temp_path $folder/t3; uwsgi_temp_path $folder/t4; scgi_temp_path $folder/t5;
  include $folder/site.conf;
}
"""


def nginx_program() -> str:
    """Return the path of nginx; raise `CourseError` with how to install it."""
    return find("nginx", INSTALL)


class Nginx(Engine):
    """nginx with one site file, in which each key of `replace` was replaced by its value."""

    name = "nginx"

    def __init__(self, site: Path, replace: Mapping[str, str]) -> None:
        """Read the site file and write it into the folder with its replacements."""
        self._program = nginx_program()
        super().__init__()
        self.port = free_port()
        text = site.read_text()
        for key, value in {"listen 80": f"listen 127.0.0.1:{self.port}", **replace}.items():
            if key not in text:
                raise CourseError(f"nginx: {site.name} has no {key!r} to replace")
            text = text.replace(key, value)
        (self.folder / "site.conf").write_text(text)
        (self.folder / "nginx.conf").write_text(Template(MAIN).substitute(folder=self.folder))
        self.folder.chmod(0o755)  # root's nginx works as nobody

    async def start(self) -> Self:
        """Start it in the foreground."""
        command = [self._program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        await self.launch(command, lambda: answers(self.port))
        return self


async def nginx(site: Path, replace: Mapping[str, str] | None = None) -> Nginx:
    """Start nginx with `site`, in which `listen 80` becomes a free port and each key of `replace` its value.

    Raises `CourseError` with the command that installs nginx when there is none, or with what it says of the file.
    """
    return await Nginx(site, replace or {}).start()
