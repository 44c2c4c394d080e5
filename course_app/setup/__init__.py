"""Setting up and running: the environment, the browser, JupyterLab, the tests, and the mending of each."""
