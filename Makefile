# Everything that a person does with this checkout. `make help` lists it; docs/operate.md and
# CONTRIBUTING.md explain it.

PORT ?= 8000
DATA ?= data
# Any Python from 3.11 on; the newest one found.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

bin := .venv/bin
stamps := .venv/stamps
packages := contracts shared services/registration services/matching services/reporting \
	services/portal services/embedded
install := $(bin)/uv pip install --quiet --python $(bin)/python

# Compiled code is kept, whatever the environment says: a start takes a second, not five, from it.
export PYTHONDONTWRITEBYTECODE :=

# Node and Python packages come at the same time: the first start waits for the network mostly.
MAKEFLAGS += --jobs=2
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

## Use

.PHONY: run
run: $(stamps)/embedded $(stamps)/packages portal-assets ## Start Techdock with a demo docking event (PORT=8000 DATA=data)
	@exec $(bin)/techdock demo --data $(DATA) --port $(PORT)

.PHONY: distributed
distributed: install ## Start it distributed, on real Kafka, PostgreSQL and Valkey, without Docker
	@$(bin)/python deploy/local start --port $(PORT)

.PHONY: distributed-stop
distributed-stop: ## Stop the distributed one; what is stored stays
	@$(bin)/python deploy/local stop

## Develop

.PHONY: install
install: $(stamps)/dev $(stamps)/packages portal-assets ## Install what running and testing needs, into .venv

.PHONY: test
test: install native ## Run the tests that need no server (PYTEST=options for pytest)
	$(bin)/pytest -n 2 $(PYTEST)

# The timetable search, compiled once for this machine; else every test would wait for it.
.PHONY: native
native: install ## Compile the timetable search for this machine; tests and the first run do it too
	@$(bin)/python -m techdock_matching.adapters.quick_start
	@$(bin)/python -c "from techdock_matching.adapters.exact import prepare; prepare()"

.PHONY: test-distributed
test-distributed: install native ## Run the same stories on real servers (Java 17 and Maven)
	@deploy/local/test.sh $(PYTEST)

.PHONY: check
check: install ## Check style, types, import rules and promised events
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	MYPYPATH=deploy/local $(bin)/mypy deploy/local
	$(bin)/lint-imports
	$(bin)/python -m techdock_contracts.schemas check contracts

.PHONY: contracts
contracts: install ## Render the schemas of the events again; refuses a broken promise
	$(bin)/python -m techdock_contracts.schemas write contracts

.PHONY: benchmark
benchmark: install ## Measure, and compare with the goals, on a quiet machine (BENCHMARK=names)
	$(bin)/python tests/benchmark $(BENCHMARK)

.PHONY: lock
lock: $(stamps)/bootstrap ## Pin the requirements again
	PATH="$(CURDIR)/$(bin):$$PATH" deploy/lock.sh

.PHONY: clean
clean: ## Remove what was built and installed; data stay
	-@test ! -d build/local || $(bin)/python deploy/local stop
	rm -rf .venv build services/portal/assets/node_modules services/portal/src/techdock_portal/static/vendor

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^## / { printf "\n%s\n", substr($$0, 4) } \
		/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# What follows happens by itself.

.PHONY: portal-assets
portal-assets: $(stamps)/node
	@services/portal/assets/build

$(stamps)/bootstrap: requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Techdock needs Python 3.11 or newer" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@test -x $(bin)/python || $(PYTHON) -m venv .venv
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(bin)/python -m ensurepip >/dev/null
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@mkdir -p $(stamps) && touch $@

$(stamps)/embedded $(stamps)/dev: $(stamps)/%: requirements/%.txt $(stamps)/bootstrap
	@echo "Installing $<"
	@$(install) --require-hashes -r $<
	@touch $@

# Our own packages, in place. Built with the pinned builder, so nothing more is fetched.
$(stamps)/packages: $(stamps)/bootstrap $(packages:%=%/pyproject.toml)
	@$(install) --no-deps --no-build-isolation $(packages:%=--editable %)
	@touch $@

# Node builds the style sheet and the icons; where the machine has none, a wheel brings one.
$(stamps)/node: requirements/node.txt $(stamps)/bootstrap
	@command -v npm >/dev/null || $(install) --require-hashes -r $<
	@touch $@
