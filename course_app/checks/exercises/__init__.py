"""The exercises: a module or a package for each, named by its slug, with a check for each task."""
