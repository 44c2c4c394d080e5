"""Kernels that run cells: launched, supervised, sandboxed, called, and ended with everything that they started."""
