"""The kernel that the engine asks for, made as far as it can be before its process is forked.

Reading the command line and making IPython's shell take as long as everything else that a kernel does before its
first cell, and neither needs the request.
`OPTIONS` is the command line that this holds for; any other kernel is made from nothing.
Sources: ipykernel's `IPKernelApp`, traitlets' `SingletonConfigurable.instance()`, which hands out what is there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

from ipykernel.compiler import XCachingCompiler
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.profiledir import ProfileDir

from .fingerprint import OPTIONS


class PreparedKernelApp(IPKernelApp):
    """An IPKernelApp that is told its connection file last of all, and looks for no configuration.

    What a check says must not depend on how IPython is set up on the machine that runs it.
    """

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Take the connection file from `-f PATH OPTIONS…`; `prepare` has read the options."""
        self.connection_file = list(argv or ())[1]

    def load_config_file(self, *_: object, **__: object) -> None:
        """Load nothing: a fresh IPYTHONDIR is empty."""

    def init_kernel(self) -> None:
        """Make the kernel around the shell that is there, and tell the shell where it is now."""
        super().init_kernel()
        shell = self.kernel.shell
        shell.parent = shell.kernel = self.kernel
        shell.profile_dir, shell.ipython_dir = self.profile_dir, self.ipython_dir
        shell.starting_dir = os.getcwd()
        shell.init_environment()
        shell.init_pushd_popd_magic()
        shell.history_manager.reset(new_session=False)


def prepare() -> None:
    """In the warm parent: make the application and its shell. Both wait for `fits` kernels."""
    app = PreparedKernelApp.instance()
    super(PreparedKernelApp, app).parse_command_line(list(OPTIONS))
    app.parent_handle = 1  # no parent poller: the keeper sees to it that no kernel outlives its manager
    with tempfile.TemporaryDirectory() as folder:
        shell = ZMQInteractiveShell.instance(
            parent=app,
            ipython_dir=folder,
            profile_dir=ProfileDir(location=folder),
            user_ns={},
            compiler_class=XCachingCompiler,
        )
    app.user_ns = shell.user_ns


def fits(argv: Sequence[str]) -> bool:
    """Whether a kernel with these arguments is the one that was prepared."""
    return len(argv) == 2 + len(OPTIONS) and argv[0] == "-f" and tuple(argv[2:]) == OPTIONS


def discard() -> None:
    """In a kernel that is another one: forget what was prepared."""
    PreparedKernelApp.clear_instance()
    ZMQInteractiveShell.clear_instance()
