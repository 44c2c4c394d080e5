"""A module's tests lie where the module does: `course_app/a/b.py` has `tests/a/test_b.py`."""

from __future__ import annotations

from tests.support.paths import ROOT

ROOMS = ("authoring", "classroom", "cli", "client", "display", "grading", "learner", "nb", "nbval_plugin", "serving",
         "setup", "site")  # fmt: skip
WITHOUT_BEHAVIOUR = {
    "cli/__main__.py",  # every test that runs `python -m course_app.cli` runs it
    "nbval_plugin/mismatch.py",  # a dataclass
    "site/conf.py",  # Sphinx reads it: tests/browser/test_site.py
}


def test_every_module_has_its_tests_beside_it() -> None:
    package = ROOT / "course_app"
    modules = {
        path.relative_to(package).as_posix(): path
        for room in ROOMS
        for path in (package / room).rglob("*.py")
        if path.name != "__init__.py"
    }
    missing = {
        name for name, path in modules.items() if not (ROOT / "tests" / name).with_name(f"test_{path.name}").is_file()
    }
    assert missing - WITHOUT_BEHAVIOUR == set()
    assert missing >= WITHOUT_BEHAVIOUR, "a module that has tests is not without behaviour"
