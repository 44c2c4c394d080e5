"""`course doctor`: examine the environment, and name the command that fixes each fault."""

from __future__ import annotations

import argparse
import dataclasses
import json

from ...manifest import find_root
from ...setup.environment_checks import Finding, examine

HELP = "Look at Python, packages, kernel, ports and browser; name the command that fixes each fault."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course doctor`."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Examine the environment and print a line per finding. Exit code 0, 1 where something is wrong."""
    findings = []
    for finding in examine(find_root()):
        findings.append(finding)
        if not args.json:
            print(line(finding), flush=True)
    if args.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=1))
    return 0 if all(finding.ok for finding in findings) else 1


def line(finding: Finding) -> str:
    """Return a finding as text: one line, and a second with the command that fixes it."""
    text = f"{'✔' if finding.ok else '✘'} {finding.name:10} {finding.detail}"
    return f"{text}\n  {'fix with':10} {finding.fix}" if finding.fix else text
