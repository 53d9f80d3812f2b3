# What a person types. Nothing but python3 >= 3.11 (with venv), make, curl and a package index is needed;
# each target makes the environment it uses in .venv and brings it up to date when pyproject.toml or a lock changes.

PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python -m
INSTALL := $(RUN) pip install --quiet --disable-pip-version-check
# Only files with the hashes in locks/ are installed; the project itself is added without looking for anything.
INSTALL_LOCKED  := $(INSTALL) --require-hashes
INSTALL_PROJECT := $(INSTALL) --no-deps --no-build-isolation --editable .

GROUPS_OF_TESTS := --group test --group bench --group lint
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo bench test test-peers test-latest test-pythons soak lock surface check format-check lint types format tables screenshots image-check parts python clean

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

test-latest: | python ## refresh the table of retirements; all tests with the newest versions that the ranges allow, in .venv-latest
	$(PYTHON) -m venv .venv-latest
	.venv-latest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	.venv-latest/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable . $(GROUPS_OF_TESTS) --group build
	@touch .venv-latest/run.stamp .venv-latest/dev.stamp
	.venv-latest/bin/python -m tools.retirements || echo "test-latest: replace the models named above"
	$(MAKE) test VENV=.venv-latest

test-pythons: ## all tests on each of CPython 3.11, 3.12 and 3.13 that is installed, each in .venv-<version>
	@for version in 3.11 3.12 3.13; do \
	  python=$$(sh tools/find_python.sh $$version) || { echo "test-pythons: skipped $$version, which is not installed"; continue; }; \
	  echo "test-pythons: $$version is $$python"; \
	  $(MAKE) test PYTHON=$$python VENV=.venv-$$version || exit 1; \
	done

soak: $(VENV)/dev.stamp ## half an hour between a hostile vendor, a hostile client and reloads; MINUTES=1 is shorter
	$(RUN) tests.soak $(MINUTES)

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
	$(RUN) exporter.config.reference docs/configuration.md

# The first file decides the versions; the others are parts of it, for those who need less.
lock: $(VENV)/dev.stamp ## pin all dependencies anew with their hashes, to the newest versions that the ranges allow
	$(COMPILE) pyproject.toml --upgrade --all-extras $(GROUPS_OF_TESTS) --group build --group lock --output-file locks/dev.txt
	$(COMPILE) pyproject.toml --constraints locks/dev.txt --output-file locks/run.txt
	$(COMPILE) pyproject.toml --constraints locks/dev.txt --extra bedrock --output-file locks/bedrock.txt
	$(COMPILE) pyproject.toml --constraints locks/dev.txt --extra vertex --output-file locks/vertex.txt
	$(COMPILE) --constraints locks/dev.txt --group build --output-file locks/build.txt

surface: $(VENV)/dev.stamp ## write the list of everything public anew, for a change that is meant
	$(RUN) tests.repo.public_surface
	$(RUN) tests.metrics.surface

screenshots: $(VENV)/dev.stamp parts ## take the pictures of docs/pages anew, in a real browser
	$(RUN) tests.browser.screenshots

image-check: $(VENV)/dev.stamp ## build the image from this checkout and run it, without an engine (root, Debian)
	$(RUN) tests.deploy.image.check

parts: ## fetch Prometheus, promtool, Alertmanager, blackbox_exporter, Chromium and axe where the machine allows it (Debian)
	@sh tests/parts/fetch.sh

clean: ## remove the environment, fetched parts and caches
	rm -rf $(VENV) .venv-* .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

python:
	@$(PYTHON) -c '' 2>/dev/null || { echo "make: no '$(PYTHON)' here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: '$(PYTHON)' is $$($(PYTHON) -V 2>&1), but 3.11 or newer is needed; name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "make: '$(PYTHON)' comes without venv; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/bin/python: | python
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml locks/run.txt locks/build.txt | $(VENV)/bin/python
	$(INSTALL_LOCKED) --requirement locks/run.txt --requirement locks/build.txt
	$(INSTALL_PROJECT)
	@touch $@

$(VENV)/dev.stamp: pyproject.toml locks/dev.txt | $(VENV)/bin/python
	$(INSTALL_LOCKED) --requirement locks/dev.txt
	$(INSTALL_PROJECT)
	@touch $(VENV)/run.stamp $@
