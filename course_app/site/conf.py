"""Sphinx's configuration for the site; `course site` copies it beside the staged pages."""

project = "Real-time web servers with FastAPI WebSockets"
author = "the course's authors"
extensions = ["myst_nb"]
exclude_patterns = ["build"]
nb_execution_mode = "off"  # the stored outputs are what strict nbval has checked
nb_merge_streams = True
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
html_theme = "pydata_sphinx_theme"
html_title = "FastAPI WebSockets"
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 3,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_context = {"default_mode": "auto"}
copyright = "the course's authors; text CC BY 4.0, code MIT"
pygments_style = "a11y-high-contrast-light"
