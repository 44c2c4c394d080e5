"""Kernels that run cells: started, supervised, spoken to, and ended with everything that they started."""
