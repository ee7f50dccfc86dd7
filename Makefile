# Kontor: two commands on a fresh machine:  make demo  and  make test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# the tests wait for something most of the time
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo up down verify test torture bench check format render clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(VENV)/runs ## Run a whole sale on a local stack and stay up until Ctrl-C (ONCE=1: stop by itself; PROCESSES=each: not all services in one)
	@$(BIN)/python -m journeys demo $(if $(ONCE),--once) $(if $(PROCESSES),--processes $(PROCESSES))

up: $(VENV)/runs ## Start the stack and all services in the background (PROCESSES=one: in one process)
	@$(BIN)/python -m stack up $(if $(PROCESSES),--processes $(PROCESSES))

down: ## Stop what `make up` or a killed run left
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m stack down; fi

verify: $(VENV)/runs ## Check a running stack: databases, topics, e-mails, money (TENANT=...: that one only)
	@$(BIN)/python -m journeys verify $(if $(TENANT),--tenant $(TENANT))

test: $(VENV)/develops ## Set up what is missing and run every test, by two processes side by side (WORKERS=0: by one alone)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

torture: $(VENV)/develops ## Every fault test, every mutant, 200 blind kills under load, and a table (QUICK=1: a few)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m journeys torture $(if $(QUICK),--quick)

bench: $(VENV)/runs ## Measure what we claim about speed (NAMES="events replay": only these; JSON=directory)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m benchmarks $(NAMES) $(if $(JSON),--json $(JSON))

check: $(VENV)/develops ## ruff, pyright strict, import-linter, contracts, the lists of features and faults
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m contracts check
	@$(BIN)/python -m journeys features check

format: $(VENV)/develops ## Put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

render: $(VENV)/develops ## Render schemas, AsyncAPI and examples from the event classes, and which tests prove what
	@$(BIN)/python -m contracts render
	@$(BIN)/python -m journeys features render

clean: down ## Remove the stack's state and the virtual environment
	@rm -rf .local $(VENV)

# A stamp is written last, so that a set-up that was interrupted is begun again.
$(VENV)/runs: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Kontor needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) ..."
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[local]'
	@touch $@

$(VENV)/develops: $(VENV)/runs
	@echo "Setting up what developing needs ..."
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
