"""The `course` command: one module per subcommand, imported only when it is called.

A module has `HELP`, `configure(parser)` and `run(args)`, which returns the exit code:
0, 1 (not passed) or 2 (wrong usage, or input that the user has to fix).
"""

from __future__ import annotations

import argparse
import importlib
import sys

from ..errors import CourseError

LEARNER = ("list", "check", "watch", "hint", "solution", "reset", "doctor", "lab")
INSTRUCTOR = ("hub", "collect", "grade", "feedback")
AUTHOR = ("run", "build", "tidy", "lint", "test", "site")
COMMANDS = (*LEARNER, *INSTRUCTOR, *AUTHOR)

USAGE = f"""course COMMAND [options]

for learners:     {" · ".join(LEARNER)}
for instructors:  {" · ".join(INSTRUCTOR)}
for authors:      {" · ".join(AUTHOR)}

`course COMMAND --help` lists the options of a command.
"""


def main(argv: list[str] | None = None) -> int:
    """Run `course` with the arguments `argv` (default: the process's own) and return the exit code.

    2 for a CourseError, which is printed to stderr as one line; 130 for an interrupt, 1 for a closed pipe.
    """
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0 if words else 2
    name = words[0]
    if name not in COMMANDS:
        from ..manifest import nearest

        hint = nearest(name, list(COMMANDS)).replace("`course list` shows them all", "`course --help` shows them all")
        return _fail(f"no command is called {name!r}{hint}")
    module = importlib.import_module(f"{__name__}.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"course {name}", description=module.HELP)
    module.configure(parser)
    try:
        return int(module.run(parser.parse_args(words[1:])))
    except CourseError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _fail(message: str) -> int:
    print(f"course: {message}", file=sys.stderr)
    return 2
