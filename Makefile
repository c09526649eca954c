# beeldpas: the few words that do everything. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ISSUER := service/beeldpas/demo/issuer
# Many tests wait for a server: three processes keep two processors busy. A file's tests stay together and in order.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
BESIDE := -n $(WORKERS) --dist loadfile
# Journeys measure, so nothing runs beside them; Playwright keeps an event loop running in its process.
QUIET := tests/journeys tests/browser
# Writes down what the sweep of all pages found, so it comes after it.
SWEPT := tests/browser/test_accessibility_page.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# Hashed locks say what is installed; npm's install scripts are not needed by anything here.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
FRONTEND_SOURCES := $(shell find frontend/styles frontend/scripts frontend/viewer -type f 2>/dev/null) $(wildcard frontend/vite.config.*)

.PHONY: help demo test test-all check journey fix bench openapi screenshots pictures lock clean packages-demo packages-test node-version

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ready ## start everything on this machine with made-up people and real images
	@$(BIN)/beeldpas demo $(DEMO)

journey: ready ## walk the whole journey over TLS and measure it; exit 0 only if all of it holds
	@$(BIN)/beeldpas demo --check

test: ready packages-test build/clients.stamp ## the tests that decide (under 15 minutes)
	@$(BIN)/pytest -q $(BESIDE) -m "not slow" $(QUIET:%=--ignore=%)
	@$(BIN)/pytest -q -m "not slow" tests/journeys
	@$(BIN)/pytest -q $(BESIDE) -m "not slow" tests/browser

test-all: ready packages-test build/clients.stamp ## every test, the slow proofs too
	@$(BIN)/pytest -q $(BESIDE) $(QUIET:%=--ignore=%)
	@$(BIN)/pytest -q tests/journeys
	@$(BIN)/pytest -q $(BESIDE) --ignore=$(SWEPT) tests/browser
	@$(BIN)/pytest -q $(SWEPT)

check: ready ## format, lint, types, floor plan, policies, translations, plain language
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q --no-header -p no:cacheprovider tests/policies
	@$(BIN)/python frontend/check_translations.py
	@$(BIN)/python frontend/check_plain_language.py

fix: ready ## put the code in order
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: ready packages-test ## measure; writes build/bench.json
	@$(BIN)/python -m tests.bench

openapi: ready ## OpenAPI documents of the programs, in build/openapi
	@PYTHONPATH=service:tests:. $(BIN)/python -m tests.house.openapi build/openapi

screenshots: ready packages-test build/clients.stamp ## a picture of every page in build/screenshots
	@$(BIN)/pytest -q tests/browser/test_gallery.py tests/browser/test_download_pages.py

pictures: ready packages-test ## take the README's pictures anew; `make demo` runs meanwhile
	@PYTHONPATH=service:tests:. $(BIN)/python -m tests.browser.readme_pictures

lock: ## resolve the dependencies anew (needs uv)
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock
	@$(BIN)/python docker/locks.py

clean: ## remove what was built and installed here
	@rm -rf $(VENV) build .state frontend/dist frontend/node_modules $(ISSUER)/node_modules tests/clients/node_modules

# ---- what the words above need -------------------------------------------------------------------------------------

.PHONY: ready
ready: packages-demo build/python.stamp build/issuer.stamp build/assets.stamp

packages-demo:
	@docker/ensure-packages docker/packages-demo.txt

packages-test:
	@docker/ensure-packages docker/packages-test.txt

node-version:
	@node docker/node-version.mjs

build/python.stamp: requirements.lock pyproject.toml
	@echo "Installing Python packages (once)"
	@mkdir -p build
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || docker/ensure-packages docker/packages-python.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --no-deps -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

build/issuer.stamp: $(ISSUER)/package-lock.json | node-version
	@echo "Installing the demo's sign-in providers (once)"
	@mkdir -p build
	@cd $(ISSUER) && $(NPM_CI)
	@touch $@

build/frontend.stamp: frontend/package-lock.json | node-version
	@mkdir -p build
	@cd frontend && $(NPM_CI)
	@touch $@

build/clients.stamp: tests/clients/package-lock.json | node-version
	@echo "Installing DICOMweb clients that are not ours, for the tests (once)"
	@mkdir -p build
	@cd tests/clients && $(NPM_CI)
	@touch $@

build/assets.stamp: build/frontend.stamp $(FRONTEND_SOURCES)
	@echo "Building styles and scripts"
	@cd frontend && npx vite build --logLevel error
	@touch $@
