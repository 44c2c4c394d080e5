"""Reference apps: the finished program of each lesson, one per file. Run one: `fastapi dev course_app/apps/<name>.py`.

They import FastAPI and each other only, so they can be copied into a project.
"""
