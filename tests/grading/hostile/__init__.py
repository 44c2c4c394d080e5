"""Submissions that lie, break things or are broken, and what must come of each."""
