"""Checks of the exercise `manager`: a connection manager that survives its clients."""

from . import departures, presence, rooms, slow_clients

__all__ = ["departures", "presence", "rooms", "slow_clients"]
