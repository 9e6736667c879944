# Kring from a fresh clone: python3 (with venv) and make are all that has to be there.
# ARGS goes to the command behind a target: make test ARGS="-n 0 -x tests/domain", make run ARGS="--port 8080"

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready

# uv's version is read from the lock file, so that it is pinned in one place.
UV_VERSION := $(shell sed -n '/^name = "uv"$$/{n;s/^version = "\(.*\)"$$/\1/p;}' uv.lock)

# Another environment that happens to be active has no say in what is installed here.
unexport VIRTUAL_ENV
unexport UV_PROJECT_ENVIRONMENT

.DEFAULT_GOAL := help
.PHONY: help run test faults lint bench format setup

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: $(READY)  ## starts Kring; with nothing configured, in a room on this machine
	@$(BIN)/kring run $(ARGS)

test: $(READY)  ## the whole test suite
	@$(BIN)/pytest $(ARGS)

faults: $(READY)  ## some minutes of bad luck, with a table: ARGS="--quick", ARGS="--seed 7"
	@$(BIN)/python -m tests.faults.long $(ARGS)

lint: $(READY)  ## style, types, who imports whom, and sizes
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.project.sizes

bench: $(READY)  ## how fast it is on this machine: ARGS="--quick", ARGS="--only slack"
	@$(BIN)/python -m tests.bench $(ARGS)

format: $(READY)  ## puts the code in the house style
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

setup: $(READY)  ## only installs, from uv.lock into .venv

# The stamp is newer than what it was installed from, so a second time nothing happens.
$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Kring needs Python 3.11 or later. Is one installed under another name? Then: make $(MAKECMDGOALS) PYTHON=python3.13' >&2; exit 1; }
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@$(BIN)/uv sync --locked --compile-bytecode --python $(BIN)/python
	@touch $@
