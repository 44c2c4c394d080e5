"""Only the learner's answers get into the rebuilt notebook, and the learner hears of everything that did not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from course_app.errors import NotebookError
from course_app.nb.cells import Cell, Notebook
from course_app.nb.derive import answer_only
from course_app.nb.tidy import tidy
from course_app.nb.transplant import UNGRADED, Report, transplant

RIGHT = "def double(number):\n    return number + number"


def by_id(nb: Notebook) -> dict[str, Cell]:
    return {cell["id"]: cell for cell in nb["cells"]}


def answered(exercise: Notebook, one: str = RIGHT) -> Notebook:
    by_id(exercise)["sums-1-stub"]["source"] = one
    return exercise


def test_fresh_exercise_is_untouched_and_needs_no_word(solution: Notebook, exercise: Notebook) -> None:
    rebuilt, report = transplant(solution, exercise)
    assert report == Report(untouched=("sums-1-stub", "sums-2-stub"))
    assert report.lines == ()
    assert by_id(rebuilt)["sums-1-stub"]["source"] == "def double(number):\n    ...  # your code here"


def test_answers_come_over_and_canonical_outputs_stay(solution: Notebook, exercise: Notebook) -> None:
    rebuilt, report = transplant(solution, answered(exercise))
    assert by_id(rebuilt)["sums-1-stub"]["source"] == RIGHT
    assert report.untouched == ("sums-2-stub",)
    assert by_id(rebuilt)["sums-1-check"] == by_id(solution)["sums-1-check"]


def test_solution_transplants_onto_itself(solution: Notebook) -> None:
    rebuilt, report = transplant(solution, answer_only(solution))
    assert report == Report()
    assert [cell["id"] for cell in rebuilt["cells"]] == [cell["id"] for cell in solution["cells"]]


def test_outputs_tags_and_metadata_of_the_submission_stay_behind(
    solution: Notebook, exercise: Notebook, make: Any
) -> None:
    honest, _ = transplant(solution, answered(copy.deepcopy(exercise)))
    for cell in answered(exercise)["cells"]:
        cell["metadata"] |= {"tags": ["nbval-skip"], "course": {"forged": True}}
        if cell["cell_type"] == "code":
            cell.update(outputs=[make.stream("forged")], execution_count=None)
    exercise["metadata"] = {"kernelspec": {"name": "bash"}, "forged": True}
    assert transplant(solution, exercise)[0] == honest


def test_changed_check_is_restored(solution: Notebook, exercise: Notebook) -> None:
    by_id(exercise)["sums-1-check"]["source"] = "print('✔ sums.1')"
    by_id(exercise)["sums-2-check"].update(cell_type="raw")
    rebuilt, report = transplant(solution, exercise)
    assert report.restored == ("sums-1-check", "sums-2-check")
    assert report.lines[0] == "cell sums-1-check was changed; the original ran in its place"
    assert by_id(rebuilt)["sums-1-check"]["source"] == 'await check("sums.1")'


def test_missing_cells_come_back(solution: Notebook, exercise: Notebook) -> None:
    exercise["cells"] = [c for c in exercise["cells"] if c["id"] not in ("sums-1-stub", "sums-1-check", "sums-2-ask")]
    rebuilt, report = transplant(solution, exercise)
    assert report.missing == ("sums-1-stub", "sums-1-check")
    assert "sums-1-stub" in report.untouched
    assert [cell["id"] for cell in rebuilt["cells"]] == [cell["id"] for cell in solution["cells"]]
    assert by_id(rebuilt)["sums-1-stub"]["source"].endswith("...  # your code here")


def test_ids_lost_in_an_editor_are_found_by_grade_id(solution: Notebook, exercise: Notebook) -> None:
    for number, cell in enumerate(answered(exercise)["cells"]):
        cell["id"] = f"new{number}"
    rebuilt, report = transplant(solution, exercise)
    assert by_id(rebuilt)["sums-1-stub"]["source"] == RIGHT
    assert report.missing == ("sums-setup", "sums-1-try")
    exercise["cells"] = [{key: value for key, value in cell.items() if key != "id"} for cell in exercise["cells"]]
    assert by_id(transplant(solution, exercise)[0])["sums-1-stub"]["source"] == RIGHT


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (RIGHT, "def double(number):\n    return 0", "def double(number):\n    return 0"),
        ("def double(number):\n    return 0", RIGHT, RIGHT),
        ("def double(number):\n    ...  # your code here\n", RIGHT, RIGHT),
    ],
    ids=["right first", "wrong first", "stub first"],
)
@pytest.mark.parametrize("same_id", [True, False])
def test_of_two_copies_the_last_that_holds_an_answer_counts_as_in_the_notebook(
    solution: Notebook, exercise: Notebook, first: str, second: str, counts: str, same_id: bool
) -> None:
    again = copy.deepcopy(by_id(exercise)["sums-1-stub"]) | {"source": second}
    if not same_id:
        again["id"] = "pasted"
    answered(exercise, first)["cells"].insert(4, again)
    rebuilt, report = transplant(solution, exercise)
    assert by_id(rebuilt)["sums-1-stub"]["source"] == counts
    assert report.duplicated == ("sums-1-stub",)
    assert report.added == ()
    assert len(rebuilt["cells"]) == len(solution["cells"])


def test_the_original_comes_before_a_copy_that_was_pasted_above_it(solution: Notebook, exercise: Notebook) -> None:
    pasted = copy.deepcopy(by_id(exercise)["sums-1-stub"]) | {"id": "pasted", "source": "old = 1"}
    answered(exercise)["cells"].insert(0, pasted)
    assert by_id(transplant(solution, exercise)[0])["sums-1-stub"]["source"] == RIGHT


def test_answer_in_a_cell_of_another_type_is_code_again(solution: Notebook, exercise: Notebook) -> None:
    by_id(answered(exercise))["sums-1-stub"]["cell_type"] = "markdown"
    rebuilt, report = transplant(solution, exercise)
    assert (by_id(rebuilt)["sums-1-stub"]["cell_type"], report.retyped) == ("code", ("sums-1-stub",))


@pytest.mark.parametrize(
    "order",
    [
        "# NBVAL_SKIP",
        "    #NBVAL_IGNORE_OUTPUT  ",
        "## NBVAL_RAISES_EXCEPTION",
        "#\u00a0NBVAL_SKIP",
        "# PYTEST_VALIDATE_IGNORE_OUTPUT",
        "x = 1 #\u2028# NBVAL_SKIP",
        "x = 1 #\x0c# NBVAL_SKIP",
    ],
)
def test_orders_to_nbval_have_no_effect_and_stay_readable(solution: Notebook, exercise: Notebook, order: str) -> None:
    from nbval.plugin import find_comment_markers

    assert list(find_comment_markers(order))  # nbval would obey
    rebuilt, report = transplant(solution, answered(exercise, f"{RIGHT}\n{order}\ny = 2"))
    source = by_id(rebuilt)["sums-1-stub"]["source"]
    assert list(find_comment_markers(source)) == []
    assert report.neutralised == ("sums-1-stub",)
    assert source.replace(" (has no effect here)", "") == f"{RIGHT}\n{order}\ny = 2"


def test_talk_about_nbval_is_left_alone(solution: Notebook, exercise: Notebook) -> None:
    source = f"{RIGHT}\n# I tried NBVAL_SKIP, and NBVAL_CHECK_OUTPUT too\nx = 'NBVAL_SKIP'"
    rebuilt, report = transplant(solution, answered(exercise, source))
    assert by_id(rebuilt)["sums-1-stub"]["source"] == source
    assert report.neutralised == ()


def test_added_code_runs_in_its_place_and_added_prose_is_dropped(
    solution: Notebook, exercise: Notebook, make: Any
) -> None:
    exercise["cells"].insert(0, make.code("top", "import math"))
    exercise["cells"].insert(5, make.markdown("note", "my notes"))
    exercise["cells"].insert(6, make.code("mine", "# NBVAL_SKIP\ndouble(4)", make.stream("8"), tags=["x"]))
    exercise["cells"].insert(7, make.code("mine", "print(1)"))
    exercise["cells"].append(make.code("", "  \n"))
    rebuilt, report = transplant(solution, exercise)
    ids = [cell["id"] for cell in rebuilt["cells"]]
    assert ids[:7] == ["added-1", "sums-title", "sums-setup", "sums-1-ask", "sums-1-stub", "added-2", "added-3"]
    assert len(ids) == len(set(ids)) == len(solution["cells"]) + 3
    assert report.added == ("added-1", "added-2", "added-3")
    assert report.neutralised == ("added-2",)
    mine = by_id(rebuilt)["added-2"]
    assert (mine["metadata"], mine["outputs"]) == ({"tags": list(UNGRADED)}, [])
    assert mine["source"] == "# NBVAL_SKIP (has no effect here)\ndouble(4)"


def test_cells_to_try_an_answer_with_decide_nothing(solution: Notebook, exercise: Notebook) -> None:
    rebuilt, _ = transplant(solution, exercise)
    tagged = {own: cell["metadata"].get("tags") for own, cell in by_id(rebuilt).items() if cell["metadata"].get("tags")}
    assert tagged == {
        "sums-1-stub": ["nbval-ignore-output"],
        "sums-2-stub": ["nbval-ignore-output"],
        "sums-1-try": list(UNGRADED),
    }


def test_half_a_character_cannot_break_what_follows(solution: Notebook, exercise: Notebook) -> None:
    rebuilt, _ = transplant(solution, answered(exercise, "x = '\ud83d'"))
    assert by_id(rebuilt)["sums-1-stub"]["source"] == "x = '?'"


def test_notebook_of_another_exercise_is_refused(solution: Notebook, make: Any) -> None:
    rooms = make.notebook(make.code("rooms-1-stub", "x = 1"), make.code("rooms-1-check", "y"), make.code("z", "z"))
    with pytest.raises(NotebookError, match=r"mine.ipynb seems to be the exercise 'rooms', not 'sums'"):
        transplant(solution, rooms, "mine.ipynb")
    with pytest.raises(NotebookError, match=r"mine.ipynb holds no cell of the exercise 'sums'; start from a fresh one"):
        transplant(solution, make.notebook(make.code("z", "z")), "mine.ipynb")


def test_nothing_that_was_given_is_changed(solution: Notebook, exercise: Notebook) -> None:
    before = copy.deepcopy((solution, answered(exercise)))
    transplant(solution, exercise)
    assert (solution, exercise) == before


def test_rebuilt_notebook_is_valid(solution: Notebook, exercise: Notebook, make: Any) -> None:
    import nbformat

    exercise["cells"].append(make.code("mine", "1"))
    rebuilt, _ = transplant(solution, exercise)
    nbformat.validate(nbformat.from_dict(rebuilt))
    assert tidy(rebuilt) == rebuilt


def own_cell(source: str) -> Cell:
    return {"cell_type": "code", "id": "own", "metadata": {}, "execution_count": 1, "outputs": [], "source": source}


@pytest.mark.parametrize("before", [False, True], ids=["below the stub", "above the stub"])
def test_an_answer_in_an_own_cell_counts_where_the_stub_is_untouched(
    solution: Notebook, exercise: Notebook, before: bool
) -> None:
    place = [cell["id"] for cell in exercise["cells"]].index("sums-1-stub") + (not before)
    exercise["cells"].insert(place, own_cell(RIGHT))
    rebuilt, report = transplant(solution, exercise)
    assert report.elsewhere == ("sums-1-stub",) and "sums-1-stub" not in report.untouched
    sources = [cell["source"] for cell in rebuilt["cells"]]
    stub = by_id(rebuilt)["sums-1-stub"]["source"]
    assert RIGHT in sources and (stub == "" if before else sources.index(stub) < sources.index(RIGHT))


def test_an_answer_that_was_retyped_after_its_cell_was_deleted_counts(solution: Notebook, exercise: Notebook) -> None:
    place = [cell["id"] for cell in exercise["cells"]].index("sums-1-stub")
    exercise["cells"][place] = own_cell(RIGHT)
    rebuilt, report = transplant(solution, exercise)
    assert (report.elsewhere, report.missing) == (("sums-1-stub",), ("sums-1-stub",))
    assert by_id(rebuilt)["sums-1-stub"]["source"] == ""


def test_an_own_cell_that_binds_something_else_is_no_answer(solution: Notebook, exercise: Notebook) -> None:
    exercise["cells"].append(own_cell("notes = 1"))
    report = transplant(solution, exercise)[1]
    assert "sums-1-stub" in report.untouched and report.elsewhere == ()


def test_a_file_without_ids_and_metadata_is_read_by_its_cells(solution: Notebook, exercise: Notebook) -> None:
    answered(exercise, RIGHT)
    for number, cell in enumerate(exercise["cells"]):
        cell["id"], cell["metadata"] = f"cell-{number}", {}
    rebuilt, report = transplant(solution, exercise)
    assert report.elsewhere == ("sums-1-stub",)
    assert RIGHT in [cell["source"] for cell in rebuilt["cells"]]
