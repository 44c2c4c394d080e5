"""nginx as a child process in front of workers, with a site file of the course."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Self

from ..errors import CourseError
from .child_process import Engine, accepts_connections, find_program, free_port

INSTALL = "sudo apt-get install nginx-light (Debian, Ubuntu), or brew install nginx (macOS)"
# The main configuration around a site file: an ordinary user runs nginx in the foreground, in one folder.
MAIN_CONF = """
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
    """Return the path of nginx. Raises `CourseError` with how to install it when there is none."""
    return find_program("nginx", INSTALL)


class Nginx(Engine):
    """nginx with one site file; `port` is where it listens on 127.0.0.1."""

    name = "nginx"

    def __init__(self, site: Path, replace: Mapping[str, str]) -> None:
        """Write the site file into the folder, with each key of `replace` replaced by its value.

        Raises `CourseError` when the file lacks such a key, or when nginx is not installed.
        """
        self._program = nginx_program()
        super().__init__()
        self.port = free_port()
        text = site.read_text()
        for key, value in {"listen 80": f"listen 127.0.0.1:{self.port}", **replace}.items():
            if key not in text:
                raise CourseError(f"nginx: {site.name} has no {key!r} to replace")
            text = text.replace(key, value)
        (self.folder / "site.conf").write_text(text)
        (self.folder / "nginx.conf").write_text(Template(MAIN_CONF).substitute(folder=self.folder))
        self.folder.chmod(0o755)  # root's nginx works as nobody

    async def start(self) -> Self:
        """Start nginx in the foreground. Raises `CourseError` with its own words on a wrong site file."""
        command = [self._program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        await self.launch(command, lambda: accepts_connections(self.port))
        return self


async def nginx(site: Path, replace: Mapping[str, str] | None = None) -> Nginx:
    """Start nginx with `site`, in which `listen 80` becomes a free port and each key of `replace` its value.

    Raises `CourseError` with how to install nginx when there is none, or with its own words on a wrong site file.
    """
    return await Nginx(site, replace or {}).start()
