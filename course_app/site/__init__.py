"""The course as a static website: staged from the notebooks, built by Sphinx with myst-nb."""
