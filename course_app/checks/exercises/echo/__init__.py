"""Checks of the exercise `echo`: the echo socket."""

from . import binary_frames, many_messages, numbered_replies, one_message

__all__ = ["binary_frames", "many_messages", "numbered_replies", "one_message"]
