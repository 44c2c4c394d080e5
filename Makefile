# `make lab` and `make test` set up what is missing; requirements.lock and pyproject.toml say what that is.
.DEFAULT_GOAL := help
.PHONY: help lab test site hub doctor lock

PYTHON := .venv/bin/python
COURSE := $(PYTHON) -m course_app.cli
READY := .venv/.ready

# The mark holds the folder it was made in: a moved clone sets up again.
ifneq ($(shell cat $(READY) 2>/dev/null),$(realpath $(CURDIR)))
.PHONY: $(READY)
endif

help:
	@echo 'make lab       set up and open the course (PORT=8890, BROWSER=no, ARGS=…)'
	@echo 'make test      set up and run every test (ARGS=quick for a minute of them, ARGS="unit browser", ARGS=--list)'
	@echo 'make site      set up and build the website of all lessons in site/'
	@echo 'make hub       set up and try a class: a JupyterHub on this machine (PORT=8000, LEARNERS=ada,grace)'
	@echo 'make doctor    say what is wrong with the environment, and how to fix it'
	@echo 'make lock      write the lock files again from pyproject.toml (ARGS=--upgrade for newer versions)'

$(READY): requirements.lock pyproject.toml scripts/environment.sh
	@sh scripts/environment.sh

lab: $(READY)
	@$(COURSE) lab $(if $(PORT),--port $(PORT)) $(if $(filter no,$(BROWSER)),--no-browser) $(ARGS)

test: $(READY)
	@$(COURSE) test $(ARGS)

site: $(READY)
	@$(COURSE) site $(ARGS)

hub: $(READY)
	@$(COURSE) hub $(if $(PORT),--port $(PORT)) $(if $(LEARNERS),--learners $(LEARNERS)) $(ARGS)

doctor: $(READY)
	@$(COURSE) doctor $(ARGS)

lock: $(READY)
	@$(PYTHON) -m course_app.setup.lock_files $(ARGS)
