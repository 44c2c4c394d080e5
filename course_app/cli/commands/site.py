"""`course site`: build a static website of the lessons."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...manifest import load
from ...setup import python_packages

HELP = "Build the static website of all lessons, with search."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course site`."""
    parser.add_argument("--out", type=Path, help="folder for the pages (default: site/ in the course's folder)")
    parser.add_argument("--repository", help="public address for the links to Binder (default: the clone's origin)")


def run(args: argparse.Namespace) -> int:
    """Build the website. Exit code 0, 1 where Sphinx warns. Raises CourseError where Sphinx fails."""
    course = load()
    python_packages.need("sphinx", course.root / python_packages.TEST_LOCK)
    from ...site.sphinx_build import build_site, repository_of

    out = args.out or course.root / "site"
    repository = repository_of(course) if args.repository is None else args.repository
    warnings = build_site(course, out, repository)
    print("\n".join(warnings), end="\n" if warnings else "")
    print(f"the site is in {out}: open {out / 'index.html'}, or serve it with `python -m http.server -d {out}`")
    return 1 if warnings else 0
