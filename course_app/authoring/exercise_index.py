"""docs/exercises.md: the goal of each exercise and the wrong answers that its checks name, for instructors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..manifest import Course, Lesson, Task
from ..messages import own_diagnoses, template

_FIELD = re.compile(r"\{(\w+)\}")
_HEAD = """# Exercises, for those who teach them

What each exercise is for, what it leaves out, and the wrong ideas that its checks know by name.
`course build` writes it from `course.toml`, the texts that learners read, and the answers that the checks are tried on.
An answer that gets a diagnosis stands in `tests/answers/`; words in italics are filled in from what the client saw.
A diagnosis without an answer there is one that checks share.
"""


def page(course: Course) -> str:
    """Return the page as Markdown. Raises CourseError for a diagnosis without text."""
    return "\n".join([_HEAD, *(line for lesson in course.exercises for line in _exercise(course, lesson))])


def _exercise(course: Course, lesson: Lesson) -> Iterable[str]:
    yield f"## {lesson.number:02d} · {lesson.title}\n"
    yield from (line for line in (lesson.goal, lesson.leaves_out) if line)
    if lesson.needs:
        yield f"It needs {' and '.join(f'`{need}`' for need in lesson.needs)}."
    yield ""
    for task in lesson.tasks:
        yield from _task(course.root / "tests" / "answers" / lesson.slug, task)


def _task(answers: Path, task: Task) -> Iterable[str]:
    stretch = ", a stretch" if task.stretch else ""
    yield f"### {task.id} {task.title}\n"
    points = "1 point" if task.points == 1 else f"{task.points} points"
    yield f"Worth {points}{stretch}; the answer defines `{task.target}`.\n"
    stories = _stories(answers, task)
    own = own_diagnoses(task.id)
    names = [*own, *sorted(stories.keys() - {*own, "right"})]
    if names:
        yield "| diagnosis | answers that get it | what the learner reads |\n|---|---|---|"
        for name in names:
            yield f"| `{name}` | {', '.join(stories.get(name, []))} | {_shown(template(task.id, name))} |"
        yield ""
    if right := stories.get("right"):
        yield f"Right as well, and different from ours: {', '.join(right)}.\n"


def _stories(answers: Path, task: Task) -> dict[str, list[str]]:
    """Return the descriptions of a task's answers, which are part of their file names, by diagnosis."""
    number = task.id.rpartition(".")[2]
    found: dict[str, list[str]] = {}
    for path in sorted(answers.glob(f"{number}__*")):
        _, diagnosis, story = path.stem.split("__")
        found.setdefault(diagnosis, []).append(story.replace("_", " "))
    return found


def _shown(text: str) -> str:
    text = text.replace("{who}", "A").replace("{log}", "").replace("|", "\\|")
    return _FIELD.sub(lambda match: f"*{match[1]}*", text).replace("{{", "{").replace("}}", "}")
