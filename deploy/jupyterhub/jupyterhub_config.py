"""JupyterHub for a class. README.md beside this file says how to start it, and what to change.

Everything is kept in the folder that COURSE_HUB_FOLDER names: roster.txt, the hub's database and secrets, and
`collected`, which learners cannot read.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = Path(os.environ.get("COURSE_HUB_FOLDER", "/srv/course-hub"))
ROSTER = FOLDER / "roster.txt"

if not ROSTER.is_file():
    sys.exit(f"course: {ROSTER} is missing; write one name per line into it, or set COURSE_HUB_FOLDER")
(FOLDER / "collected").mkdir(mode=0o700, exist_ok=True)

c = get_config()  # noqa: F821

# Who may come in: the names on the roster. Each is the name of a folder too, so that odd ones stay out.
c.Authenticator.allowed_users = set(ROSTER.read_text(encoding="utf-8").split())
c.Authenticator.username_pattern = r"[a-z0-9][a-z0-9._@+-]{0,99}"

# Who may see and stop the others' servers: the names in admins.txt, where there is one.
ADMINS = FOLDER / "admins.txt"
c.Authenticator.admin_users = set(ADMINS.read_text(encoding="utf-8").split()) if ADMINS.is_file() else set()

# How: by default, with the accounts of this machine (PAM), each learner's server as their own user. A class with
# another login or in containers changes these two lines.
c.JupyterHub.authenticator_class = "pam"
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"

# What: start.py hands out the course as the learner, then becomes their server.
c.Spawner.cmd = [sys.executable, str(HERE / "start.py")]
c.Spawner.default_url = "/lab/tree/notebooks/00_start.ipynb"
c.Spawner.http_timeout = 60
c.Spawner.start_timeout = 120

# Where: on this machine only. A web server with TLS stands in front of it.
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ.get('COURSE_HUB_PORT', '8000')}"
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie_secret")
c.ConfigurableHTTPProxy.command = [str(HERE / "node_modules" / ".bin" / "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "proxy.pid")
