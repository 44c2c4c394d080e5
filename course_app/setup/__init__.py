"""Setting up and running: the environment, the browser, JupyterLab, the tests, and what to do when one of them is not well."""
