"""A class of submissions: collected, judged outside the learner's process, and written down as reports."""
