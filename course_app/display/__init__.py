"""Displays in a notebook: transcripts, diagrams, plots, progress bars, and pages in panes."""
