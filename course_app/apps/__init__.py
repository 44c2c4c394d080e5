"""Reference apps, one per file: the finished program of a lesson, run with `fastapi dev course_app/apps/<name>.py`."""
