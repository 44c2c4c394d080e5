"""The checks of each exercise: one module per exercise, called by its slug."""
