# Baitie. On a fresh Debian 12 with Python 3.11: `make demo` shows a campaign, `make test` runs the tests.
.DEFAULT_GOAL := help
.PHONY: help demo test rehearsal check coverage bench pacing fuzz mutants slow docs lock clean install install-dev

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
LANG_OPTION ?= $(if $(BAITIE_LANG),--lang $(BAITIE_LANG),)
# Two workers on two cores.
PYTEST := $(BIN)/pytest -n 2 -q

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Baitie needs Python 3.11 or newer; set PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

.make/run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Baitie needs (about half a minute, once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p .make && touch $@

.make/dev: requirements/dev.txt .make/run
	@echo "Installing what the tests need ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

install: .make/run ## Baitie in .venv
install-dev: .make/dev ## Baitie and what tests need

demo: .make/run ## a campaign of 300 contacts on the loopback carrier, and its report (under 3 minutes)
	@rm -rf $(DEMO)
	@$(BIN)/baitie init $(DEMO) --example order-followup $(LANG_OPTION)
	@$(BIN)/baitie run $(DEMO) $(LANG_OPTION)
	@$(BIN)/baitie report $(DEMO) $(LANG_OPTION)
	@$(BIN)/baitie requests link 13000001000 --campaign $(DEMO) $(LANG_OPTION)

include tools/peers.mk

test: .make/dev peers ## all tests that fit into a quarter of an hour
	@$(PYTEST) -m "not slow" tests

slow: .make/dev peers ## the long tests
	@$(PYTEST) -m slow tests

SEED ?= 1
SEEDS ?= 1000
LEADS ?= 2000
rehearsal: .make/run ## days of 2,000 leads and ten agents with every fault, a thousand seeds (an hour of two cores; SEEDS=20 for a try, SEED=2001 for others)
	@$(BIN)/baitie rehearse tests/rehearsal/ten-agents --faults all --seed $(SEED) --seeds $(SEEDS) --leads $(LEADS) \
	  --failing tests/rehearsal/failing $(LANG_OPTION)

fuzz: .make/dev ## every function that takes bytes from outside, ten minutes each (BAITIE_FUZZ_SEED=7 for other inputs)
	@BAITIE_FUZZ_S=600 $(PYTEST) --timeout 0 -k fuzz tests

N ?= 40
mutants: .make/dev ## small faults planted one at a time: which of them the tests notice, by area (SEED=2 N=100 for others and more)
	@$(BIN)/python -m tools.mutants --seed $(SEED) --count $(N)

check: .make/dev ## style, types, import contracts, documents, and the floor of coverage
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file tests/mypy.ini --cache-dir .mypy_cache/tests
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.docs --check
	@$(MAKE) --no-print-directory coverage

# Property tests stay out, as they draw other inputs every time; fuzz tests and the hostile network are slow to trace.
COVERAGE_FLOOR := 90.9
coverage: .make/dev ## the share of the lines and branches of kernel, domain and wire that their example tests take, with a floor
	@BAITIE_FUZZ_S=0.1 $(PYTEST) -m "not slow and not hypothesis" -k "not fuzz and not hostile_network" \
	  --cov=baitie.kernel --cov=baitie.domain --cov=baitie.wire --cov-branch --cov-report= \
	  --cov-fail-under=$(COVERAGE_FLOOR) --cov-precision=2 tests/unit/kernel tests/unit/domain tests/unit/wire

bench: .make/dev peers ## every benchmark, with machine, load, targets and peers
	@for name in sip attempt media gate store import cards page rehearsal wire; do $(BIN)/python -m benchmarks.$$name || exit 1; done

pacing: .make/run ## the table of pacing beside other rules and an oracle, five sizes of teams (an hour of a core)
	@$(BIN)/python -m benchmarks.pacing --full --tables

docs: .make/dev ## write the generated pages of docs/reference
	@$(BIN)/python -m tools.docs

lock: .make/dev ## pin what requirements/*.in name, with hashes and without addresses
	@$(BIN)/pip install -q uv
	@for name in run dev; do $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header requirements/$$name.in -o requirements/$$name.txt; done

clean: ## remove everything that was made
	@rm -rf $(VENV) .make .peers demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
