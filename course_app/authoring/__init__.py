"""Files generated from course.toml and the notebooks: exercises, tables, figures and pages."""
