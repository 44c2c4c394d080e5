"""Rules: how a check tells one mistake from another by what came instead of what was expected.

    await client.expect(word, rules=[Rule(is_lost, "returned-early"), Rule(text_is("hi"), "constant")])

Rules are tried in order, and only where the expectation was not met; the first that applies names the diagnosis.
The functions `is_…` are predicates; the functions that take arguments return one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from .received import Received

Predicate = Callable[[Received], bool]


@dataclass(frozen=True)
class Rule:
    """One mistake that a check knows by name.

    `applies` recognises the mistake by what a client received.
    `diagnosis` is the id of its text in `course_app/messages/en/<slug>.toml`.
    """

    applies: Predicate
    diagnosis: str


# Predicates: what kind of thing came


def is_nothing(got: Received) -> bool:
    """Tell whether nothing came in time."""
    return got.nothing


def is_closed(got: Received) -> bool:
    """Tell whether the connection ended, with a close frame or without one."""
    return got.closed


def is_lost(got: Received) -> bool:
    """Tell whether the connection ended without a close frame (RFC 6455 section 7.1.5)."""
    return got.lost


def is_closed_properly(got: Received) -> bool:
    """Tell whether the connection ended with a close frame."""
    return got.closed and not got.lost


def is_text(got: Received) -> bool:
    """Tell whether a text frame came."""
    return got.text is not None


def is_binary(got: Received) -> bool:
    """Tell whether a binary frame came."""
    return got.data is not None


def is_message(got: Received) -> bool:
    """Tell whether a data frame came, text or binary."""
    return got.is_message


def is_anything(_got: Received) -> bool:
    """Apply always: the last rule of a list, for whatever the others did not name."""
    return True


# Predicates: the outcome of a handshake or of an HTTP request


def is_accepted(got: Received) -> bool:
    """Tell whether the handshake was accepted."""
    return got.accepted


def is_refusal(got: Received) -> bool:
    """Tell whether the response was HTTP 401, 403 or 422: the answer did not want this client, and did not crash."""
    return got.status in (401, 403, 422)


def is_server_error(got: Received) -> bool:
    """Tell whether the response was HTTP 500: the answer raised before it accepted or responded."""
    return got.status == 500


def is_response(got: Received) -> bool:
    """Tell whether an HTTP response came: of a handshake, that it was not accepted."""
    return got.status is not None


def has_status(*statuses: int) -> Predicate:
    """Return a predicate for an HTTP response with one of these status codes."""
    return lambda got: got.status in statuses


# Predicates: what the message says


def has_code(*codes: int) -> Predicate:
    """Return a predicate for a close with one of these codes (RFC 6455 section 7.4)."""
    return lambda got: got.code in codes


def text_is(*texts: str) -> Predicate:
    """Return a predicate for a text frame with exactly one of these texts."""
    return lambda got: got.text in texts


def text_contains(part: str) -> Predicate:
    """Return a predicate for a text frame with `part` somewhere in it."""
    return lambda got: got.text is not None and part in got.text


def text_starts_with(*prefixes: str) -> Predicate:
    """Return a predicate for a text frame that starts with one of these prefixes."""
    return lambda got: got.text is not None and got.text.startswith(prefixes)


def text_ends_with(suffix: str) -> Predicate:
    """Return a predicate for a text frame that ends with `suffix`."""
    return lambda got: got.text is not None and got.text.endswith(suffix)


def data_is(data: bytes) -> Predicate:
    """Return a predicate for a binary frame with exactly these bytes."""
    return lambda got: got.data == data


def is_double_encoded(got: Received) -> bool:
    """Tell whether the text is JSON inside a JSON string: `send_json` was given what `json.dumps` returned."""
    return isinstance(got.json, str) and Received(text=got.json).json is not None


def is_python_repr(got: Received) -> bool:
    """Tell whether the text is `str()` of a dict, with single quotes."""
    return got.text is not None and got.text.startswith("{'")


def is_json_object(got: Received) -> bool:
    """Tell whether the text or the body is a JSON object."""
    return isinstance(got.json, dict)


def has_key(key: str) -> Predicate:
    """Return a predicate for a JSON object with that key."""
    return lambda got: key in got.json_object


def lacks_key(key: str) -> Predicate:
    """Return a predicate for a JSON object without that key."""
    return lambda got: is_json_object(got) and key not in got.json_object


def field_in(key: str, values: Collection[object]) -> Predicate:
    """Return a predicate for a JSON object that has one of `values` under that key."""
    return lambda got: key in got.json_object and got.json_object[key] in values


# Combinations


def either(*predicates: Predicate) -> Predicate:
    """Return a predicate that applies where at least one of these does."""
    return lambda got: any(applies(got) for applies in predicates)


def both(*predicates: Predicate) -> Predicate:
    """Return a predicate that applies where all of these do."""
    return lambda got: all(applies(got) for applies in predicates)


def neither(*predicates: Predicate) -> Predicate:
    """Return a predicate that applies where none of these does."""
    return lambda got: not any(applies(got) for applies in predicates)


def when(condition: bool, predicate: Predicate) -> Predicate:
    """Return `predicate` where `condition` is true, else one that never applies."""
    return predicate if condition else lambda _got: False
