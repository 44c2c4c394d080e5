"""Entering the sandbox before any learner's code runs in it: namespaces, mounts, limits, credentials.

The supervisor calls `prepare`, forks, and its child calls `enter`; then the child becomes the kernel, or executes one.
Afterwards the process has a pid namespace of its own, no network but a loopback, a read-only view of Python and of
the system, one small scratch folder in memory, no capabilities and no way to get any.
All that survives execve(2): with an empty bounding set and PR_SET_NO_NEW_PRIVS no program gives privileges back.

Sources: unshare(2), namespaces(7), user_namespaces(7), mount_setattr(2), pivot_root(2), capabilities(7), setrlimit(2).
`policy.py` says what is shown and how much is allowed; this module only does it, with the standard library: a
supervisor that runs as a script loads it by its path.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import socket
import struct
from typing import NamedTuple, TypedDict

NEW_USER, NEW_PID = 0x10000000, 0x20000000
NEW_MOUNTS, NEW_NET, NEW_IPC, NEW_UTS = 0x00020000, 0x40000000, 0x08000000, 0x04000000

_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_MOUNT_SETATTR, _PIVOT_ROOT = 442, {"x86_64": 155, "aarch64": 41, "riscv64": 41}
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAP_VERSION = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_SIGKILL = 9
_DEVICES = ("null", "zero", "full", "random", "urandom")
_FIRST_UID, _UIDS = 61184, 4336  # the range that systemd.exec(5) sets aside for DynamicUser=
_UMASK = 0o022  # so that a user without privileges can reach what is shown

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxRequest(TypedDict):
    """The argument of `enter`, as JSON carries it.

    `folder` is the process's scratch folder, which becomes a file system in memory of `scratch_bytes`.
    It begins with the empty `folders` and with a copy of the `files` that lie in it now.
    `grader_sockets` is the name of the folder in it that stays as it is outside, read-only.
    `view` has absolute paths to show read-only (true) or to cover with an empty folder (false), parents first;
    `links` has symbolic links of the system, as (path, target).
    `limits` are values by name of RLIMIT_* (setrlimit(2)), and RLIMIT_AS is what comes on top of the address space that
    the process has already, which counts as `imported_bytes` at least.
    `cwd` is the working folder.
    """

    folder: str
    folders: list[str]
    files: list[str]
    grader_sockets: str
    cwd: str
    view: list[tuple[str, bool]]
    links: list[tuple[str, str]]
    scratch_bytes: int
    imported_bytes: int
    limits: dict[str, int]


class Identity(NamedTuple):
    """The user and group that the sandboxed process has; `as_root` says that real root gives them to it."""

    uid: int
    gid: int
    as_root: bool


def prepare() -> Identity:
    """In the supervisor, before it forks: make the namespaces that only its children will be in. Raises OSError."""
    if os.geteuid() == 0 and _maps(_FIRST_UID + _UIDS):
        uid = _FIRST_UID + os.getpid() % _UIDS
        _unshare(NEW_PID)
        return Identity(uid, uid, True)
    identity = Identity(os.getuid(), os.getgid(), False)
    _unshare(NEW_USER | NEW_PID)
    _map_user(identity.uid, identity.gid)
    return identity


def _maps(uid: int) -> bool:
    """Return whether this user namespace has that user: the root of a rootless container has itself alone."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        ranges = [[int(word) for word in line.split()] for line in file]
    return any(first <= uid < first + count for first, _outside, count in ranges)


def enter(request: SandboxRequest, identity: Identity) -> list[int]:
    """In the child: build the sandbox, enter it, and give up all privileges.

    Return descriptors of the scratch folder and of the sandbox's /proc, for the process outside that reads them.
    Raises OSError, which names what this machine refuses.
    """
    _unshare(NEW_MOUNTS | NEW_NET | NEW_IPC | NEW_UTS)
    _mount(None, "/", None, _REC | _PRIVATE)
    umask = os.umask(_UMASK)
    _build(request, identity)
    os.umask(umask)
    _raise_loopback()
    socket.sethostname("sandbox")
    descriptors = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in (request["folder"], "/proc")]
    _limit(request["limits"], request["imported_bytes"])
    _drop(identity)
    return descriptors


def _build(request: SandboxRequest, identity: Identity) -> None:
    """Mount the new root over the scratch folder, fill it, and make it the root of this mount namespace."""
    folder, contents = request["folder"], {}
    for name in request["files"]:
        with open(os.path.join(folder, name), "rb") as file:
            contents[name] = file.read()
    hosted = os.open(os.path.join(folder, request["grader_sockets"]), os.O_PATH | os.O_DIRECTORY)
    _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, "size=4m,mode=755")
    root = folder
    for path, shown in request["view"]:
        _show(root, path) if shown else _hide(root, path)
    for path, target in request["links"]:
        os.symlink(target, root + path)
    _etc(root, identity.uid)
    _devices(root)
    os.mkdir(root + "/proc")
    _mount("proc", root + "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    _scratch(root + folder, request, identity, contents)
    shared = os.path.join(root + folder, request["grader_sockets"])
    os.mkdir(shared)
    _mount(f"/proc/self/fd/{hosted}", shared, None, _BIND)
    _read_only(shared, recursive=True)
    os.close(hosted)
    os.chdir(root)
    _pivot()
    _read_only("/", recursive=False)
    os.chdir(request["cwd"])


def _scratch(scratch: str, request: SandboxRequest, identity: Identity, contents: dict[str, bytes]) -> None:
    """Mount the scratch folder, which belongs to the sandboxed user, and fill it."""
    os.makedirs(scratch)
    owner = f"uid={identity.uid},gid={identity.gid},mode=700"
    _mount("tmpfs", scratch, "tmpfs", _NOSUID | _NODEV, f"{owner},size={request['scratch_bytes']},nr_inodes=4096")
    for name in request["folders"]:
        os.mkdir(os.path.join(scratch, name), 0o700)
        os.chown(os.path.join(scratch, name), identity.uid, identity.gid)
    for name, data in contents.items():
        with open(os.path.join(scratch, name), "wb") as file:
            file.write(data)
        os.chown(os.path.join(scratch, name), identity.uid, identity.gid)


def _show(root: str, path: str) -> None:
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            open(target, "wb").close()
    _mount(path, target, None, _BIND | _REC)
    _read_only(target, recursive=True)


def _hide(root: str, path: str) -> None:
    """Cover a folder with an empty one, where a folder that is shown contains it."""
    if os.path.isdir(root + path):
        _mount("tmpfs", root + path, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")


def _etc(root: str, uid: int) -> None:
    os.makedirs(root + "/etc", exist_ok=True)
    for name, text in {
        "passwd": f"learner:x:{uid}:{uid}:learner:/:/bin/sh\n",
        "group": f"learner:x:{uid}:\n",
        "hosts": "127.0.0.1 localhost\n",
    }.items():
        with open(f"{root}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _devices(root: str) -> None:
    os.mkdir(root + "/dev")
    for name in _DEVICES:
        open(f"{root}/dev/{name}", "wb").close()
        _mount(f"/dev/{name}", f"{root}/dev/{name}", None, _BIND)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.mkdir(root + "/dev/shm")
    _mount("tmpfs", root + "/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, "mode=1777,size=16m,nr_inodes=1024")


def _pivot() -> None:
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"no sandbox is known for {os.uname().machine} processors")
    _check(_libc.syscall(number, b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _DETACH), "umount of the old root")
    os.chdir("/")


def _limit(limits: dict[str, int], imported_bytes: int) -> None:
    """Lower each limit, hard and soft. A process that will call execve has not imported anything yet."""
    with open("/proc/self/statm", "rb") as file:
        mapped = max(imported_bytes, int(file.read().split()[0]) * resource.getpagesize())
    for name, value in limits.items():
        number = getattr(resource, name)
        most = value + mapped if name == "RLIMIT_AS" else value
        hard = resource.getrlimit(number)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # where memory runs out, this goes first


def _drop(identity: Identity) -> None:
    """Become a user without capabilities, in a user namespace that can have no child."""
    uid = identity.uid
    if identity.as_root:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        _prctl(_PR_SET_DUMPABLE, 1)  # or /proc/self would be root's
        try:
            _unshare(NEW_USER)
        except OSError:
            pass  # this host keeps user namespaces from ordinary users, so from the learner too
        else:
            _map_user(uid, uid)
            _forbid_namespaces()
    else:
        _forbid_namespaces()
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("Ii", _CAP_VERSION, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)  # changing credentials has cleared it


def _forbid_namespaces() -> None:
    with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:
        file.write("0")


def _map_user(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(sock, _SIOCGIFFLAGS, request))
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind, options)]
    _check(
        _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]),
        f"mount of {target}",
    )


def _read_only(path: str, *, recursive: bool) -> None:
    attributes = struct.pack("QQQQ", _ATTR_RDONLY | _ATTR_NOSUID | (_ATTR_NODEV if recursive else 0), 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    done = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR), _AT_FDCWD, path.encode(), flags, attributes, ctypes.c_size_t(len(attributes))
    )
    _check(done, f"making {path} read-only")


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, value, 0, 0, 0), f"prctl({option})")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
