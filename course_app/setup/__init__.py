"""Setting up and running: the environment, the browser, JupyterLab, a trial hub and the tests."""
