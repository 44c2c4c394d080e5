"""`course lint`: find faults in notebooks, and measure lessons and exercises."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from ...authoring.requirements import lint_requirements
from ...manifest import load
from ...nb.lint import Finding, Result, lint_course

HELP = "Report faults (exit code 1) and departures from the measured shape (advice) of every lesson and exercise."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course lint`."""
    parser.add_argument("--quiet", action="store_true", help="show only what fails")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 for advice without a reason in course.toml too"
    )
    parser.add_argument("--json", action="store_true", help="print findings and shapes as JSON")


def run(args: argparse.Namespace) -> int:
    """Print what is wrong. Exit code 0, 1 for an error, with --strict also for advice without a reason."""
    course = load()
    results = [*lint_course(course), *lint_requirements(course)]
    if args.json:
        print(json.dumps([asdict(result) for result in results], indent=1))
    else:
        for result in results:
            _show(result, args.quiet, args.strict)
    return 1 if any(_fails(finding, args.strict) for result in results for finding in result.findings) else 0


def _fails(finding: Finding, strict: bool) -> bool:
    return finding.level == "error" or (strict and not finding.reason)


def _show(result: Result, quiet: bool, strict: bool) -> None:
    if result.shape and not quiet:
        print(f"{result.file}: {result.shape}")
    for finding in result.findings:
        if _fails(finding, strict) or not quiet:
            print(f"  {finding}")
