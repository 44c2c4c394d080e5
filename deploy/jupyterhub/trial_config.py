"""The class's hub on one's own machine: one password for all, and no accounts. `course hub` starts it.

All servers run as the user who started the hub, so that learners can read each other's files: never for a real class.
"""

from pathlib import Path

from jupyterhub.utils import random_port

load_subconfig(str(Path(__file__).with_name("jupyterhub_config.py")))  # noqa: F821
c = get_config()  # noqa: F821

HUB = Path(c.JupyterHub.cookie_secret_file).parent

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (HUB / "password").read_text(encoding="utf-8").strip()
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "homes" / "{username}")
(HUB / "homes").mkdir(exist_ok=True)

# Several hubs may be tried on one machine.
c.JupyterHub.hub_port = random_port()
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{random_port()}"
