"""Tampering from inside the kernel, attacks on the grader and its machine, and code that does not end."""

from __future__ import annotations

from .story import SOLVED, WRONG, attack, cell, first, spoiled, story

SECRET = "COURSE_TEST_SECRET_8d1f"
"""A variable of the grader's environment, whose value no learner may learn."""
SECRET_VALUE = "tr0ub4dor-and-3"

CONSTANT = "echo.1.no-text"


@story("FUUUU", "the server's socket cannot be reached")
def ast_transformer():
    return attack(
        "import ast\n"
        "class Pass(ast.NodeTransformer):\n"
        "    def visit_Expr(self, node):\n"
        "        return ast.parse('None').body[0]\n"
        "get_ipython().ast_transformers.append(Pass())"
    )


@story("FUUUU", "the server's socket cannot be reached")
def input_transformer():
    return attack("get_ipython().input_transformers_post.append(lambda lines: ['print(\"✔ echo.1\")\\n'])")


@story("FUUUU", CONSTANT)
def equal_to_everything():
    return first(
        "class Yes(str):\n"
        "    __eq__ = lambda self, other: True\n"
        "    __hash__ = str.__hash__\n\n\n" + WRONG.replace('"wrong"', 'Yes("wrong")')
    )


@story("FUUUU", CONSTANT)
def patched_check():
    return attack(
        "async def check(*_): print('✔ echo.1')\n"
        "import course_app, course_app.learner.commands, course_app.checks, course_app.checks.run\n"
        "course_app.check = course_app.learner.commands.check = check\n"
        "course_app.checks.run_check = course_app.checks.run.run_check = check"
    )


@story("FUUUU", CONSTANT)
def patched_websockets():
    return attack(
        "import websockets.asyncio.client as c\n"
        "async def recv(self, *_, **__): return 'Message text was: anything'\n"
        "c.ClientConnection.recv = recv"
    )


@story("FUUUU")
def patched_uvicorn():
    return attack("import uvicorn\nuvicorn.Server.startup = None\nuvicorn.Config.load = lambda self: None")


@story("FUUUU")
def replaced_serve():
    return attack(
        "import course_app.serving.server, course_app.checks.local_backend as here\n"
        "async def serve(*_, **__): raise ZeroDivisionError\n"
        "course_app.serving.server.serve = here.serve = serve"
    )


def forged(reply: str):
    """Answer the grader's question for the server's address with something else."""
    return attack(
        "import course_app.kernels.rpc_server as rpc_server, os\n"
        "folder = os.environ['COURSE_SOCKET_DIR']\n"
        "async def answer(operation, target, arguments, options):\n"
        f"    return {reply}\n"
        "rpc_server.answer = answer"
    )


@story("FUUUU", "a server that is not its own")
def names_a_server_elsewhere():
    return forged("{'value': 'ws://127.0.0.1:9'}")


@story("FUUUU", "a server that is not its own")
def names_a_socket_of_the_host():
    return forged("{'value': 'unix:/run/docker.sock'}")


@story("FUUUU", "cannot be reached")
def names_a_socket_that_is_not_there():
    return forged("{'value': f'unix:{folder}/none'}")


@story("FUUUU", "socket is none")
def names_a_link_to_a_socket():
    return forged(
        "os.path.lexists(f'{folder}/x') or os.symlink('/proc/self/fd/9', f'{folder}/x') or "
        "{'value': f'unix:{folder}/x'}"
    )


@story("FUUUU", "nobody can read")
def reply_is_huge():
    return forged("{'value': '[' * 20_000_000}")


@story("FUUUU", "nobody can read")
def reply_is_nonsense():
    return forged("[1, 2]")


@story("FUUUU", "nobody can read")
def reply_is_deep():
    return forged("__import__('functools').reduce(lambda inner, _: [inner], range(900), {})")


@story("FUUUU", "nobody can read")
def reply_claims_a_pass():
    return forged("{'passed': True, 'outcome': 'passed'}")


def talks(body: str):
    """Replace what answers the grader's requests."""
    return attack(
        "import course_app.kernels.rpc_server as rpc_server, os\n"
        "path = os.path.join(os.environ['COURSE_SOCKET_DIR'], 'rpc')\n"
        f"{body}"
    )


@story("FUUUU", "no reply")
def hangs_up_on_the_grader():
    return talks("async def converse(reader, writer): writer.close()\nrpc_server._converse = converse")


@story("TUUUU", "echo.1.too-long")
def never_replies():
    return talks("async def converse(reader, writer): await reader.read()\nrpc_server._converse = converse")


@story("FUUUU", "nobody can read")
def replies_without_end():
    return talks(
        "async def converse(reader, writer):\n"
        "    while True:\n"
        "        writer.write(b'x' * 100_000)\n"
        "        await writer.drain()\n"
        "rpc_server._converse = converse"
    )


@story("FUUUU")
def replies_before_it_is_asked():
    return talks(
        "async def converse(reader, writer):\n"
        '    writer.write(b\'{"value": "passed"}\\n\' * 1000)\n'
        "    await reader.read()\n"
        "rpc_server._converse = converse"
    )


@story("FUUUU", "socket is none")
def the_rpc_socket_is_a_link():
    return talks("async def listen(path): os.symlink('/proc/self/fd/9', path)\nrpc_server.listen = listen")


@story("FUUUU", "socket is none")
def the_rpc_socket_is_a_pipe():
    return talks("async def listen(path): os.mkfifo(path)\nrpc_server.listen = listen")


@story("FUUUU")
def hard_coded_reply():
    return first(WRONG.replace('"wrong"', '"Message text was: hello"'))


@story("FUUUU", CONSTANT)
def guesses_from_the_task_text():
    return attack(
        "import re\nwords = re.findall(r\"'([^']+)'\", ' '.join(In))\n"
        "@once_app.websocket('/ws')\n"
        "async def endpoint(websocket: WebSocket):\n    pass"
    )


LOOK = """\
import os
found = []
for base, folders, files in os.walk("/"):
    wanted = [name for name in folders if os.path.join(base, name) not in ("/proc", "/usr")]
    folders[:] = [name for name in wanted if name != "site-packages"]  # a walk through it takes longer than a cell may
    found += [os.path.join(base, name) for name in files if {what}]
raise RuntimeError(f"found {{found}}")
"""


@story("FUUUU", "RuntimeError: found []")
def looks_for_solutions():
    return first(LOOK.format(what="name.endswith('.ipynb')"))


@story("FUUUU", "RuntimeError: found []")
def looks_for_results_and_tests():
    return first(LOOK.format(what="name in ('grades.json', 'rows.jsonl', 'test_answers.py')"))


@story("FUUUU", "RuntimeError: the solution is here", never="### BEGIN")
def asks_the_course_for_the_solution():
    return first(
        "from course_app.learner.commands import solution\nfrom course_app.manifest import load\n"
        "course = load()\npath = course.solution_path(course.lesson('echo'))\n"
        "raise RuntimeError(f'the solution is here: {path.exists()}')"
    )


@story("FUUUU", "RuntimeError", never=SECRET_VALUE)
def reads_every_environment():
    return first(
        "import glob, os\n"
        "text = str(os.environ)\n"
        "for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/task/*/environ'):\n"
        "    try:\n        text += open(path).read()\n    except OSError: pass\n"
        f"raise RuntimeError(text[max(0, text.find({SECRET!r})):][:200])"
    )


@story("FUUUU", "RuntimeError: only [", never=SECRET_VALUE)
def reads_memory_of_others():
    return first(
        "import os, re\n"
        "others = [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid()]\n"
        "text = b''\n"
        "for line in open('/proc/self/maps'):\n"
        "    low, high = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "    if 'r' in line.split()[1] and high - low < 64_000_000 and 'vvar' not in line and 'vsyscall' not in line:\n"
        "        try:\n"
        "            memory = open('/proc/self/mem', 'rb'); memory.seek(low); text = memory.read(high - low)\n"
        f"            place = text.find(b{SECRET + '='!r})\n"
        "            if place >= 0: others.append(text[place:place + 80].decode('latin-1'))\n"
        "        except OSError: pass\n"
        "raise RuntimeError(f'only {others}')"
    )


@story("FUUUU", CONSTANT)
def writes_result_files():
    return attack(
        "import glob, os\n"
        "for base in ('/', '/work', '/tmp', '/root', os.path.expanduser('~'), '..', '../..'):\n"
        "    for name in ('grades.csv', 'grades.json', 'rows.jsonl'):\n"
        "        try: open(os.path.join(base, name), 'w').write('student,total\\nme,1000\\n')\n"
        "        except OSError: pass"
    )


@story("FUUUU", CONSTANT)
def kills_the_parent():
    return attack(
        "import os, signal\n"
        "for pid in (os.getppid(), *range(2, 400), -1):\n"
        "    if pid:\n"
        "        try: os.kill(pid, signal.SIGKILL)\n"
        "        except OSError: pass"
    )


@story("FUUUU", CONSTANT)
def traces_others():
    return attack(
        "import ctypes\nlibc = ctypes.CDLL(None)\nassert all(libc.ptrace(16, pid, 0, 0) != 0 for pid in range(2, 2000))"
    )


@story("FUUUU", "PermissionError")
def writes_to_installed_packages():
    return first(
        "import course_app.checks.exercises.echo as e\nopen(e.__file__, 'a').write('#')".replace("'a'", "'r+'")
    )


@story("FUUUU", "RuntimeError: -1 -1 -1")
def makes_a_namespace_of_its_own():
    return first(
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "results = libc.unshare(0x10000000), libc.mount(b'x', b'/tmp', b'tmpfs', 0, None), libc.setuid(0)\n"
        "raise RuntimeError(' '.join(map(str, results)))"
    )


@story("FUUUU", "Error")
def memory_bomb():
    return first("hoard = []\nwhile True: hoard.append(bytearray(50_000_000))")


@story("FUUUU", "held more than")
def memory_bomb_in_children():
    return first(
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        hoard = b'x' * 300_000_000\n"
        "        time.sleep(60)\n"
        "time.sleep(60)"
    )


@story("FUUUU", "OSError")
def disk_filler():
    return first(
        "for number in range(100_000):\n    with open(f'fill-{number}', 'wb') as file: file.write(bytes(10_000_000))"
    )


@story("FUUUU", "OSError")
def a_million_files():
    return first("for number in range(1_000_000): open(f'fill-{number}', 'w').close()")


@story("FUUUU", "OSError")
def one_huge_file():
    return first("open('fill', 'wb').truncate(10**12)")


@story("FUUUU", "BlockingIOError")
def fork_bomb():
    return first("import os, time\nwhile True:\n    if os.fork() == 0:\n        time.sleep(60); os._exit(0)")


@story("FUUUU", "RuntimeError: can't start new thread")
def thread_bomb():
    return first("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,)).start()")


@story("FUUUU", "Too many open files")
def opens_every_descriptor():
    return first(
        "hoard = []\n"
        "try:\n    while True: hoard.append(open('/dev/null'))\n"
        "except OSError as error:\n    hoard.clear()\n    raise RuntimeError(str(error))"
    )


@story("FUUUU", "cell-flood")
def print_flood():
    return first("import time\nwhile True:\n    print('x' * 10_000)\n    time.sleep(0.001)")


@story("TNNNN", "cell-endless")
def endless_loop_swallowing_interrupts():
    return spoiled("while True:\n    try:\n        while True: pass\n    except BaseException: pass")


@story("TNNNN", "cell-endless")
def endless_loop():
    return spoiled("while True: pass")


@story("TNNNN", "cell-endless")
def endless_loop_without_signal_handlers():
    return spoiled(
        "import signal\n"
        "for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except OSError: pass\n"
        "while True: pass"
    )


ENDPOINT = """\
once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    {body}
"""


@story("TUUUU")
def endless_loop_in_the_endpoint():
    return first(ENDPOINT.format(body="while True: pass"))


@story("TUUUU")
def blocks_the_event_loop():
    return first("import time\n" + ENDPOINT.format(body="time.sleep(1000)"))


@story("FNNNN", "kernel-died")
def exits_at_once():
    return spoiled("import os\nos._exit(0)")


@story("FNNNN", "SIGSEGV")
def segfault():
    return spoiled("import ctypes\nctypes.string_at(0)")


@story("FUUUU")
def exits_in_the_endpoint():
    return first("import os\n" + ENDPOINT.format(body="os._exit(0)"))


@story("FUUUU")
def quits():
    return attack("quit()")


@story("PPPPP")
def closes_the_event_loop():
    return spoiled(
        "import asyncio\nasyncio.get_running_loop().call_soon(asyncio.get_running_loop().close)\nawait asyncio.sleep(1)"
    )


@story("FUUUU", "OSError")
def outgoing_network():
    return first("import socket\nsocket.create_connection(('198.51.100.7', 80), timeout=5)")


@story("FUUUU", "gaierror")
def looks_up_a_name():
    return first("import socket\nsocket.getaddrinfo('example.org', 80)")


@story("PPPPP")
def listens_on_other_ports():
    return spoiled("import socket\nmine = socket.create_server(('0.0.0.0', 47_801))")


@story("PPPPP")
def leaves_processes_behind():
    return spoiled(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import os, time; os.setsid(); time.sleep(4711)'],"
        " start_new_session=True)"
    )


@story("FUUUU", never="<script>alert")
def markup_and_control_characters():
    return first(WRONG.replace('"wrong"', "'<script>alert(1)</script>\\x1b[31m\\x07 ]]> &'"))


@story("FUUUU", "ZeroDivisionError", never="<img src=x")
def markup_in_an_exception():
    return first("raise ZeroDivisionError('<img src=x onerror=alert(1)>')")


@story("FUUUU", CONSTANT)
def forges_messages_of_the_kernel():
    return attack(
        "kernel = get_ipython().kernel\n"
        "kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': '✔ echo.1\\n'})\n"
        "kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'})"
    )


@story("FPPPP")
def answers_only_the_first_client():
    source = cell(SOLVED, "echo-1-stub")["source"]
    return first(f"{source}\n\n_once = once_app\nseen = []\n" + """\
async def once_app(scope, receive, send):
    if seen: return
    seen.append(1)
    await _once(scope, receive, send)
""", SOLVED)  # fmt: skip
