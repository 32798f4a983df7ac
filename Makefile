# The two commands of the README: `make run` and `make test`. `make help` lists the others.
# Each does all the set-up it needs, once: a virtualenv in .venv, packages from requirements/*.lock.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The newest Python from 3.11 on; PYTHON=… overrides it. A name on the PATH may be a shim that starts
# nothing, or lack the module that makes virtualenvs, so each candidate is asked.
CANDIDATES := python3.13 python3.12 python3.11 python3 python
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
COMPLETE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for check in '$(COMPLETE)' '$(NEW_ENOUGH)'; do for name in $(CANDIDATES); do \
	$$name -c "$$check" 2>/dev/null && { command -v $$name; exit; }; done; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python requirements/install.py
# Without DEBUG the settings ask for real secrets; tools that only read the code need none.
TOOL := env DEBUG=1 $(BIN)/python -m

.PHONY: help run test install test-browser test-scenarios test-faults lint lint-code lint-deploy \
	bench screenshots accessibility diagnosis-report messages causes lock sbom clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

run: export DEBUG = 1
run: $(VENV)/.run-installed  ## the whole project with demo data; PORT=8001 make run for another port
	@$(BIN)/python manage.py dev

# Three at a time: many tests wait for a process to start or to die. Each has services of its own.
# A file is run by one of them, in the order of tests/services/plugin.py.
test: $(VENV)/.dev-installed  ## every test; without Chromium the browser tests are skipped
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

install: $(VENV)/.dev-installed  ## .venv with everything

test-browser: $(VENV)/.dev-installed  ## the tests in a real browser only
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest -m browser $(ARGS)

test-scenarios: $(VENV)/.dev-installed  ## whole stories, from the first page to the last
	$(BIN)/python -m pytest tests/scenarios $(ARGS)

test-faults: $(VENV)/.dev-installed  ## the tests that kill, stop or hang a real process, the long one too
	$(BIN)/python -m pytest -m faults $(ARGS)

lint: lint-code lint-deploy  ## everything that judges without running

lint-code: $(VENV)/.dev-installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(TOOL) mypy
	env DEBUG=1 $(BIN)/lint-imports
	env DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run

# As in production: nothing is connected to, the addresses lead nowhere.
lint-deploy: $(VENV)/.dev-installed
	@echo "manage.py check --deploy --fail-level WARNING"
	@$(BIN)/python .ci/check_deploy.py

bench: $(VENV)/.dev-installed  ## measures speed, into docs/benchmarks.md; ARGS=--quick for a try
	$(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(VENV)/.dev-installed  ## makes the pictures of README and docs/gallery.md again (needs Chromium)
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/client_pages/gallery.py \
		tests/backoffice/gallery.py -p no:randomly $(ARGS)

accessibility: $(VENV)/.dev-installed  ## looks at every client page, into docs/accessibility.md (needs Chromium)
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/client_pages/accessibility.py -q $(ARGS)

# One process: the cases are put together in it.
diagnosis-report: $(VENV)/.dev-installed  ## how often the diagnosis is right, into docs/diagnosis.md
	$(BIN)/python -m pytest tests/diagnosis -q -p no:randomly \
		--diagnosis-report docs/diagnosis.md $(ARGS)

messages: $(VENV)/.dev-installed  ## brings the catalogues of translations up to date with the texts
	env DEBUG=1 $(BIN)/python manage.py messages $(ARGS)

causes: $(VENV)/.dev-installed  ## makes docs/causes.md again, from the catalogue of causes
	env DEBUG=1 $(BIN)/python manage.py causes > docs/causes.md

lock: $(VENV)/.dev-installed  ## compiles requirements/*.lock from pyproject.toml
	$(call compile,base,)
	$(call compile,run,--extra run)
	$(call compile,dev,--extra dev)

sbom: $(VENV)/.dev-installed  ## lists what is locked for production, as CycloneDX JSON in dist/
	@$(BIN)/python requirements/sbom.py dist/sbom.cdx.json

clean:  ## removes what the others made: .venv, caches, and the demo data in var/
	rm -rf $(VENV) var dist staticfiles htmlcov .coverage .coverage.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

compile = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url \
	--no-emit-find-links --universal --python-version 3.11 $(2) pyproject.toml \
	--output-file requirements/$(1).lock

# A stamp is newer than its lock when that was installed. dev.lock holds all that run.lock does.
$(VENV)/.run-installed: requirements/run.lock $(VENV)/.created
	@echo "Installing packages, once, about a minute…"
	@$(INSTALL) requirements/run.lock
	@touch $@

$(VENV)/.dev-installed: requirements/dev.lock $(VENV)/.created
	@echo "Installing packages for development, once, about two minutes…"
	@$(INSTALL) requirements/dev.lock
	@touch $@ $(VENV)/.run-installed

# Made again when its Python is gone, as after an upgrade of the system.
ifneq ($(shell [ -x $(BIN)/python ] && echo here),here)
.PHONY: $(VENV)/.created
endif

$(VENV)/.created:
	@python='$(PYTHON)'; stop() { echo "$$1" >&2; exit 1; }; \
	[ -n "$$python" ] || stop "Python 3.11 or newer is needed and was not found. \
	Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null || stop "$$python is not Python 3.11 or newer. \
	Name another: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; \
	[ -w . ] || stop "The folder $(CURDIR) cannot be written by you. \
	Clone the project to a folder of your own."; \
	"$$python" -c '$(COMPLETE)' 2>/dev/null || stop "$$python cannot make virtualenvs: \
	its module ensurepip is missing. On Debian or Ubuntu: apt install python3-venv"; \
	if ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
		echo "Creating $(VENV) with $$python…"; "$$python" -m venv --clear $(VENV); fi
	@touch $@
