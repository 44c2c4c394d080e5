"""The functions that a learner calls in a notebook, and the record of their progress."""
