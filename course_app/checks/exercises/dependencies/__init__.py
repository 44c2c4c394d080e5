"""Checks of exercise 04: dependencies."""

from . import cleanup, credentials, refusals

__all__ = ["cleanup", "credentials", "refusals"]
