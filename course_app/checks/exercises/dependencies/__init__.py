"""Checks of the exercise `dependencies`: credentials, scopes, cleanup, refusals and budgets."""

from . import cleanup, credentials, refusals

__all__ = ["cleanup", "credentials", "refusals"]
