"""Which files of the course decide what a check says, so that a stored verdict can be told from an outdated one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..messages import FOLDER, LANGUAGE

_CHECKS = Path(__file__).parent


def source_files(slug: str) -> list[Path]:
    """Return the files that shape the verdicts of the exercise `slug`, sorted.

    They are the framework's modules, the exercise's module or all modules of its package, and the texts of its
    diagnoses. A file that does not exist is left out.
    """
    exercise = _CHECKS / "exercises" / slug
    texts = [FOLDER / LANGUAGE / f"{name}.toml" for name in (slug, "common")]
    files = [*_CHECKS.glob("*.py"), exercise.with_suffix(".py"), *exercise.rglob("*.py"), *texts]
    return sorted(path for path in files if path.is_file())


def source_digest(slug: str) -> bytes:
    """Return a SHA-256 digest of the names and the contents of `source_files(slug)`."""
    digest = hashlib.sha256()
    for path in source_files(slug):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()
