"""Files that are written from course.toml and the notebooks: exercises, tables, figures and pages."""
