"""The sandbox of a kernel that runs untrusted code: what it may see and use, and how Linux enforces it."""
