"""nbgrader.csv: the columns of `nbgrader export`."""

from __future__ import annotations


def test_the_export_has_nbgraders_columns():
    import inspect

    from nbgrader.plugins.export import CsvExportPlugin

    from course_app.grading.reports.nbgrader_csv import COLUMNS

    source = inspect.getsource(CsvExportPlugin.export)
    keys = source.partition("keys = [")[2].partition("]")[0]
    assert [word.strip().strip('"') for word in keys.split(",") if word.strip()] == list(COLUMNS)
