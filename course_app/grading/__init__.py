"""Warm kernels, and the engine that runs a rebuilt notebook and reaches its verdicts outside the learner's process."""
