"""The names that a cell's code binds at its top level: by them an answer is found in any cell."""

from __future__ import annotations

import ast
import re

_MAGIC = re.compile(r"^\s*[%!?].*$|^.*\?\s*$", re.MULTILINE)
_BEGINS = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


def bound_names(source: str) -> set[str]:
    """Return the names that the code binds at its top level by an assignment, `def` or `class`.

    Lines that are IPython's (`%time`, `!pip`) are no obstacle. Of code that cannot be parsed, the lines that begin to
    bind a name count, so that a syntax error does not hide whose cell it is.
    """
    for text in (source, _MAGIC.sub("", source)):
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return {name for statement in body for name in _bound(statement)}
    return {one or other for one, other in _BEGINS.findall(source)}


def binds(source: str, name: str) -> bool:
    """Return whether the code binds that name, as `bound_names` says; code without the name is not parsed."""
    return name in source and name in bound_names(source)


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        stores = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        return [node.id for node in stores if isinstance(node.ctx, ast.Store)]
    return []
