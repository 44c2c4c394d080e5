"""What a learner sees of the wire: transcripts, diagrams, plots, and pages in panes."""
