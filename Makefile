# Entry points. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help install demo test bench soak lint clean

help: ## List the entry points
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "PSOLink needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.installed: $(BIN)/pip $(SOURCES)
	# The parser of HTTP in C needs a compiler and the headers of Python; without them gunicorn has its own.
	$(BIN)/pip install --quiet --editable '.[fast]' || $(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed $(SOURCES)
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

install: $(VENV)/.installed ## Create .venv with the product in it

demo: $(VENV)/.installed ## Start a server and play the story (DEMO_ARGS=--once ends after it)
	$(BIN)/psolink demo $(DEMO_ARGS)

test: $(VENV)/.tested ## Run every test, one process for each core
	$(BIN)/pytest --numprocesses auto --dist loadfile

lint: $(VENV)/.tested ## Mend what ruff can mend, then report the rest
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/mypy

soak: $(VENV)/.tested ## Long runs: races, kill -9, random operations
	$(BIN)/pytest -m soak

bench: $(VENV)/.tested ## Benchmarks; copy the figures to server/docs/performance.md
	$(BIN)/pytest -m bench -s

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
