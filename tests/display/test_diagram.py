"""The picture of a transcript: well-formed, complete, escaped, the same each time."""

from __future__ import annotations

from xml.etree import ElementTree

from course_app.display.transcript import Transcript

SVG = "{http://www.w3.org/2000/svg}"


def sample() -> Transcript:
    transcript = Transcript()
    for lane, mark, text in [
        ("A", ">", "GET /ws"),
        ("A", "<", "101 Switching Protocols"),
        ("<b>Zoë", ">", "GET /ws"),
        ("A", ">", "TEXT '<script>alert(1)</script> & \x07' [31 bytes]"),
        ("A", "%", "PING sent"),
        ("A", "%", "PONG received"),
        ("A", ">", "CLOSE 1000 (OK)"),
        ("A", "<", "CLOSE 1000 (OK)"),
        ("A", "=", "CLOSED 1000 (OK)"),
    ]:
        transcript.add(lane, mark, text)
    return transcript


def test_each_event_is_drawn_and_each_lane_named() -> None:
    transcript = sample()
    root = ElementTree.fromstring(transcript.diagram().svg())  # well-formed, whatever the text holds
    assert [text.text for text in root.findall(f"{SVG}text") if text.get("class") == "name"] == [
        "A",
        "<b>Zoë",
        "server",
    ]
    assert len(root.findall(f"{SVG}polygon")) == 8
    assert len(root.findall(f"{SVG}circle")) == 1
    labels = [text.text for text in root.findall(f"{SVG}text")]
    assert "101 Switching Protocols" in labels and "CLOSED 1000 (OK)" in labels
    kinds = [polygon.get("class") for polygon in root.findall(f"{SVG}polygon")]
    assert kinds == ["handshake"] * 3 + ["frame", "ping", "ping", "close", "close"]


def test_directions() -> None:
    root = ElementTree.fromstring(sample().diagram().svg())
    arrows = [line for line in root.findall(f"{SVG}line") if line.get("class") != "lane"]
    right = [int(line.get("x2", "0")) > int(line.get("x1", "0")) for line in arrows]
    assert right == [True, False, True, True, True, False, True, False]


def test_the_words_are_the_transcript_and_nothing_is_markup() -> None:
    transcript = sample()
    svg = transcript.diagram().svg()
    assert repr(transcript.diagram()) == str(transcript)
    root = ElementTree.fromstring(svg)
    description = root.findtext(f"{SVG}desc") or ""
    assert description == str(transcript).replace("\x07", "\ufffd")
    assert root.findtext(f"{SVG}title") == "Sequence diagram: A, <b>Zoë and the server, 9 events"
    assert "<script>" not in svg and "<b>" not in svg


def test_the_same_events_give_the_same_picture_and_none_give_one_too() -> None:
    assert sample().diagram().svg() == sample().diagram().svg()
    ElementTree.fromstring(Transcript().diagram().svg())
