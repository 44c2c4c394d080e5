"""Checks of the exercise `dependencies`: credentials, scopes, cleanup, refusals and budgets."""

from . import budgets, cleanup, credentials, refusals

__all__ = ["budgets", "cleanup", "credentials", "refusals"]
