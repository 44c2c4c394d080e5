"""Packages of Debian and Ubuntu, for root and for users who may run sudo without a password."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence

# Some packages start a service of their own. A policy of 101 keeps dpkg from that (Debian's invoke-rc.d(8)), and goes
# again: what this machine does with its services later is its owner's affair.
INSTALL = """\
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\\nexit 101\\n' >$policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=120 update
apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
"""


def distribution() -> str:
    """Return the system's ID in os-release(5), such as `debian`, or an empty text."""
    try:
        return platform.freedesktop_os_release()["ID"]
    except OSError:
        return ""


def why_not() -> str | None:
    """Return the reason why no package can be installed here, or None where one can."""
    if not shutil.which("apt-get"):
        return "this system has no apt-get"
    if os.geteuid() == 0 or _may_use_sudo():
        return None
    return "this needs root, or sudo without a password"


def install(packages: Sequence[str]) -> bool:
    """Install packages without starting their services, and return whether it worked; errors go to stderr."""
    words = [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "sh", "-c", INSTALL, "sh", *packages]
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _may_use_sudo() -> bool:
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
