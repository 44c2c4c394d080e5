"""A class on one hub: the course into each learner's folder, exercises out of it, feedback back into it."""
