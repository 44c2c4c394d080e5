"""uvicorn inside the notebook's kernel: start, stop, sockets, logs, and the watchdog of the event loop."""
