"""A class on one hub: hand the course out, collect exercises, return feedback."""
