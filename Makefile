# `make run` opens the demo republic in an embedded database, `make test` checks the project. Both make the environment they need.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

# A process that starts need not compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run page test prepared check office database browser install install-dev lock clean

run: install page
	$(BIN)/esep demo

# The page is built from ui/ into api/page/, where the service finds it.
PAGE := api/page/index.html
PAGE_SOURCES := $(shell find ui -type f -not -path 'ui/node_modules/*')

page: $(PAGE)

$(PAGE): $(PAGE_SOURCES) ui/node_modules/.package-lock.json
	npm --prefix ui run --silent build

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	npm --prefix ui ci --silent
	touch $@

test:
	$(MAKE) --no-print-directory --output-sync --jobs $(PYTEST_WORKERS) prepared
	npm --prefix ui run --silent test
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder

# One thing at a time of the system's parts; beside them whatever else tests need.
prepared: check page browser
browser: | database
database: | office

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Parts of the system that tests need: exported workbooks are recalculated in LibreOffice, the database's tests also run
# on the system's PostgreSQL, the page's in Chromium. Without them these tests are skipped, in CI they fail.
office:
	$(call system-part,command -v soffice,LibreOffice Calc,libreoffice-calc)

database:
	$(call system-part,compgen -G "/usr/lib/postgresql/*/bin/postgres",PostgreSQL,postgresql)

browser:
	$(call system-part,command -v chromium,Chromium,chromium)

define system-part
@if $(1) > /dev/null; then exit 0; fi
if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
	echo "Installing $(2), once"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(APT_INSTALL) -qq $(3) > /dev/null || echo "$(2) could not be installed"
else
	echo "$(2) is missing, so the tests that need it do not run: $(APT_INSTALL) $(3)"
fi
endef
APT_INSTALL := apt-get install -y --no-install-recommends

install: $(VENV)/installed

install-dev: $(VENV)/installed-dev

$(VENV)/installed: requirements.txt pyproject.toml
	$(call install-from,$<)

$(VENV)/installed-dev: requirements-dev.txt requirements.txt pyproject.toml
	$(call install-from,$<)
	touch $(VENV)/installed

# One installation at a time. An interrupted one leaves `unfinished` behind, and the next starts from nothing.
define install-from
@echo "Installing from $(1), once"
exec 9> .venv.lock
flock 9
if [ -e $(VENV)/unfinished ]; then rm -rf $(VENV); fi
mkdir -p $(VENV)
touch $(VENV)/unfinished
if [ ! -x $(BIN)/pip ]; then $(PYTHON) -m venv $(VENV); fi
$(BIN)/python -m pip install --quiet --require-hashes -r $(1)
$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
rm $(VENV)/unfinished
touch $@
endef

# Chooses new versions within the ranges of pyproject.toml; needs uv, and nothing else here does.
COMPILE := uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header

lock:
	$(COMPILE) pyproject.toml --group build -o requirements.txt
	$(COMPILE) pyproject.toml --group build --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis
