# Two commands do everything on a machine that has only Python 3.11 or newer: `make demo` and `make test`.
# Both work in the project's own .venv; nothing needs to be active in the shell.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: demo test lint check accept long chaos laws bench lock help
unexport PYTHONPATH
unexport PYTHONHOME

KILLS ?= 2000
DATABASE ?= both
BIN := .venv/bin
READY := .venv/.ready

# The first Python that is new enough and can make a virtual environment; asked for only when .venv must be made.
FIND_PYTHON = for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done

$(READY): pyproject.toml requirements.lock
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=`$(FIND_PYTHON)`; \
		if [ -z "$$python" ]; then \
			echo "remit needs Python 3.11 or newer with the module venv (Debian: apt install python3-venv). Or: make PYTHON=/path/to/python" >&2; exit 1; fi; \
		echo "==> making .venv with $$python"; $$python -m venv --clear .venv; fi
	@echo "==> installing remit and its libraries into .venv (the first time this takes a minute or two)"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c requirements.lock -e '.[test]'
	@touch $@

demo: $(READY) ## the main job on made-up leads, on SQLite, without network
	@$(BIN)/python examples/demo.py

test: lint ## everything a change must pass
	@echo "==> pytest"
	@$(BIN)/python -m pytest -m "not long"

lint: $(READY) ## style, types and the ladder of imports
	@echo "==> ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "==> mypy"
	@$(BIN)/mypy
	@echo "==> import-linter"
	@$(BIN)/lint-imports

check: $(READY) ## remit's own checker on the shipped definitions
	@$(BIN)/remit check definitions

accept: $(READY) ## rewrite expected files from what is; read them as diffs
	@$(BIN)/python -m pytest --accept tests/check tests/language tests/cli tests/runtime/test_case_migrations.py

long: lint ## make test and the long runs
	@$(BIN)/python -m pytest

chaos: $(READY) ## kill -9 under load, KILLS times on each DATABASE: sqlite, postgresql or both
	@$(BIN)/python tests/chaos/run.py --kills $(KILLS) --database $(DATABASE)

laws: $(READY) ## random workflows, tables and mutants beside references and SpiffWorkflow, a crash at every statement
	@$(BIN)/python tests/laws/run.py
	@$(BIN)/python -m tests.mutants.run

bench: $(READY) ## the measurements, beside their peers
	@$(BIN)/python bench/run.py

lock: $(READY) ## work out requirements.lock anew
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" --no-emit-index-url --upgrade --extra test pyproject.toml -o requirements.lock

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'
