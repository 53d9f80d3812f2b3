# What a person types. Nothing but python3 >= 3.11 (with venv), make, curl and a package index is needed;
# each target makes the environment it uses in .venv and brings it up to date when pyproject.toml changes.

PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python -m

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo bench test test-peers check format-check lint types format tables screenshots image-check parts python clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(VENV)/run.stamp ## simulated vendors and the exporter in one process; no key needed, Ctrl-C ends it
	@exec $(VENV)/bin/python tools/foreground.py $(VENV)/bin/python -m exporter demo $(ARGS)

# The workers have to agree on the order of tests, so sets have to be in one order in all of them.
test: $(VENV)/dev.stamp parts ## all tests, warnings are errors; ARGS="-k name" narrows them
	PYTHONHASHSEED=0 $(RUN) pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

test-peers: $(VENV)/dev.stamp ## conformance with LiteLLM and a real small model, cached outside; writes docs/conformance.md
	sh tests/peers/fetch.sh
	TEST_PEERS=1 $(RUN) pytest tests/conformance tests/peers $(ARGS)

bench: $(VENV)/dev.stamp parts ## all benchmarks, under ten minutes on an idle machine; writes bench/results; ARGS=accuracy runs one
	$(RUN) bench $(ARGS)

check: format-check lint types test ## everything that must be green, the same as CI runs

format-check: $(VENV)/dev.stamp ## is every file formatted?
	$(RUN) ruff format --check

lint: $(VENV)/dev.stamp ## ruff, every rule that is not excused in pyproject.toml
	$(RUN) ruff check

types: $(VENV)/dev.stamp ## mypy, strict, tests included
	$(RUN) mypy

format: $(VENV)/dev.stamp ## format and mend what can be mended
	$(RUN) ruff format
	$(RUN) ruff check --fix

tables: $(VENV)/run.stamp ## write the generated tables of the documents anew
	$(RUN) tools.write_tables

screenshots: $(VENV)/dev.stamp parts ## take the pictures of docs/pages anew, in a real browser
	$(RUN) tests.browser.screenshots

image-check: $(VENV)/dev.stamp ## build the image from this checkout and run it, without an engine (root, Debian)
	$(RUN) tests.deploy.image.check

parts: ## fetch Prometheus, promtool, Alertmanager, blackbox_exporter, Chromium and axe where the machine allows it (Debian)
	@sh tests/parts/fetch.sh

clean: ## remove the environment, fetched parts and caches
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

python:
	@$(PYTHON) -c '' 2>/dev/null || { echo "make: no '$(PYTHON)' here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: '$(PYTHON)' is $$($(PYTHON) -V 2>&1), but 3.11 or newer is needed; name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "make: '$(PYTHON)' comes without venv; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/bin/python: | python
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# Groups of pyproject.toml can be installed by pip 25.1 and newer only; a new venv may bring an older one.
$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(RUN) pip install --quiet --disable-pip-version-check --editable . --group test --group bench --group lint
	@touch $(VENV)/run.stamp $@
