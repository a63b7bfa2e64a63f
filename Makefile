# What one types here. `make help` lists it; each line's ## comment is its help.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := .venv-peers/.installed
# pytest's processes: one for each core.
N ?= auto

# A suite may take so many seconds on two cores; `make test` ends one that takes longer.
# All together stay under eight minutes: a new suite takes its share from the others.
# The browser's suite took 122 s on one machine of two cores and 190 s on another, with the same code, so
# each budget is stretched twice; on a busy machine: make test SLOW=3
SLOW ?= 2
SUITES := config hub workers contracts matrix journeys browser guarantees
BUDGET_config := 36
BUDGET_hub := 115
BUDGET_workers := 20
BUDGET_contracts := 30
BUDGET_matrix := 30
BUDGET_journeys := 35
BUDGET_browser := 150
BUDGET_guarantees := 54

# Not the Markdown, whose examples are laid out by hand.
CODE := config hub tests workers
TEMPLATES := $(sort $(dir $(wildcard hub/*/templates/*.html hub/*/templates/*/*.html)))
# djlint: J018 wants url_for even for the API description, H015 a line break after each heading.
UNLINTED := J018,H015
# Promises that `make check` asks for, too, because a change of code breaks them most easily.
CHECKED := $(wildcard $(addprefix tests/contracts/,test_database.py test_messaging.py test_routes.py test_secrets.py test_structure.py) tests/hub/texts)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.PHONY: help setup demo up browser check test bench matrix peers soak faults lives oidc fmt docs lock sbom clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the virtual environment from the lock (nothing happens if it is current)

# Everything is installed by its hash, the build's own needs included, so no build fetches anything.
$(STAMP): config/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed ($(PYTHON) is older); use make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) has no venv; install it (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) (once; under a minute) …"
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install -qq --require-hashes --only-binary :all: --requirement config/requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Play the visit and leave the hub running; CHECK=1: in a throw-away place, with a verdict
	@$(BIN)/hub demo $(if $(CHECK),--check)

up: setup ## Start the hub with everything it needs, until Ctrl-C
	@$(BIN)/hub up

browser: setup ## Find the Chromium that the browser tests drive, or install one, and say which
	@$(BIN)/python -m tests.support.chromium

check: setup ## Lint, format, types, import contract, templates, translations, migrations, no secrets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(TEMPLATES),$(BIN)/djlint --quiet --profile=jinja --ignore=$(UNLINTED) --lint $(TEMPLATES))
	$(if $(CHECKED),$(BIN)/pytest -q -n $(N) $(CHECKED))

test: setup ## Run every suite in parallel and random order, each within its budget; T=path: only that
	@$(if $(T),$(BIN)/pytest -q -n $(N) $(T),\
	failed=; began=$$(date +%s); \
	$(foreach suite,$(SUITES),$(if $(wildcard tests/$(suite)/.),\
	echo "tests/$(suite) (at most $(BUDGET_$(suite)) s)"; \
	timeout --kill-after=20 $$(( $(BUDGET_$(suite)) * $(SLOW) )) $(BIN)/pytest -q -n $(N) tests/$(suite) || failed="$$failed $(suite):$$?"; \
	)) \
	echo "All suites: $$(( $$(date +%s) - began )) s"; \
	test -z "$$failed" || { echo "Failed (124: over its budget):$$failed"; exit 1; })

bench: setup $(if $(ONLY),$(if $(findstring others,$(ONLY)),peers),peers) ## Measure against peers and limits, print JSON lines and write docs/PERFORMANCE.md; ONLY=, QUICK=1
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick,--write) $(if $(ONLY),--only $(ONLY))

# Then the rig itself is tested: spoiled processes must make a fault fail.
faults: setup ## Strike a whole hub and judge what is left, one JSON line a fault; FULL=1, SEED=1,2, ONLY=F07, CI=1
	@$(BIN)/python -m tests.faults $(if $(FULL),--full --write) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(if $(CI),--ci)
	@$(if $(ONLY)$(CI),,$(BIN)/pytest -q -p no:randomly tests/faults)

# Each of both layers must be enough: the application's rules without policies on rows, and these without them.
matrix: setup ## Try every route by every method as every actor; FULL=1: also with either layer of access off
	@for layer in both $(if $(FULL),rules rows); do echo "Layers: $$layer"; \
		MATRIX_LAYER=$$layer timeout --kill-after=20 600 $(BIN)/pytest -q -n $(N) tests/matrix || exit 1; done

soak: setup ## Run the whole hub under load for MINUTES=20: memory must not grow, no connection may leak
	@$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),20)

# Each kind of life is a test of its own; what is found is printed as its shortest story.
lives: setup ## Lead LIVES=200 random lives of each kind, longer than those of every run; SEED= leads the same again
	@LIVES=$(or $(LIVES),200) timeout --kill-after=20 900 $(BIN)/pytest -q -n $(N) --timeout=880 --show-capture=no \
		$(if $(SEED),--hypothesis-seed=$(SEED)) $(wildcard tests/*/test_lives.py tests/*/*/test_lives.py)

# Not among the suites: it needs Node.js, and npm fetches the provider once.
oidc: setup ## Link and sign in by a true identity provider (npm's oidc-provider) in the browser
	@REQUIRE_OIDC=1 timeout --kill-after=20 600 $(BIN)/pytest -q -p no:randomly --timeout=280 tests/oidc

peers: $(PEERS) ## Make .venv-peers, where the other libraries that bench measures live (20 seconds, once)

$(PEERS): tests/bench/peers/requirements.txt
	@$(PYTHON) -m venv --clear .venv-peers
	@.venv-peers/bin/pip install -qq --require-hashes --only-binary :all: --requirement tests/bench/peers/requirements.txt
	@touch $@

fmt: setup ## Format the code and mend what a tool can mend
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format $(CODE)

docs: setup ## Write docs/EVENTS.md, docs/ROLES.md, docs/openapi.json and the like anew from the code
	$(BIN)/python -m hub.cli.document docs

lock: ## Write config/requirements.lock anew from pyproject.toml (hashes, no addresses)
	@place=$$(mktemp -d) && trap 'rm -rf "$$place"' EXIT \
	&& $(PYTHON) -m venv "$$place" && "$$place/bin/pip" install --quiet uv \
	&& "$$place/bin/uv" pip compile pyproject.toml --group dev --group build --quiet \
		--python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --output-file config/requirements.lock

sbom: setup ## Write artefacts/sbom.json: every library with its version, hashes and licence (CycloneDX)
	@$(BIN)/python -m tests.support.sbom

clean: ## Remove the virtual environment and every cache (data in .hub stays)
	rm -rf $(VENV) .venv-peers .oidc-provider .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
