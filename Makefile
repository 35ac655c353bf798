# Works from a fresh clone with nothing but Python >= 3.11 and make.
# PYTHONDONTWRITEBYTECODE would make every start-up figure wrong by a factor of 3 to 5.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE = 1

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
PLUGINS := $(sort $(dir $(wildcard plugins/*/pyproject.toml)))
STAMP := $(VENV)/.installed

.PHONY: run test test-slow test-faults test-julia lint bench julia manifests docs setup clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt $(wildcard plugins/*/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(UV) pip install --quiet --constraint constraints.txt --group dev --editable . $(addprefix --editable ,$(PLUGINS))
	touch $(STAMP)

run: setup
	$(BIN)/lyra run examples/tour.lyra
	$(BIN)/lyra modules list

# `make test PYTHON=python3.13 VENV=.venv-3.13` runs it on another interpreter.
test: setup
	$(BIN)/python -m pytest -n 2 -m "not slow and not julia"

# Exhaustive versions of what `make test` samples: every system call, every generated universe.
test-slow: setup
	$(BIN)/python -m pytest -n 2 -m "slow and not julia"

# The part of test-slow that kills, fills the disk and breaks it at every system call on a file; prints the counts.
test-faults: setup
	$(BIN)/python -m pytest -n 2 -rP -m "slow" tests/packages/test_faults.py tests/end_to_end/test_command_faults.py

# A real Julia in a prefix of its own, without root; `JULIA_PREFIX=… make julia` chooses the place.
julia:
	bash tools/install-julia.sh $(JULIA_PREFIX)

test-julia: setup julia
	$(BIN)/python -m pytest -n 0 -m julia

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python benchmarks/run.py

# What plugins offer is data made from their code, and so is the table of names that need no import.
manifests: setup
	$(BIN)/python -m lyra_core.plugins.build_manifest --prelude lyra_core/values/homes.py \
		$(patsubst %/plugin.py,%,$(wildcard lyra_core/std_core/plugin.py plugins/*/*/plugin.py))

# docs/reference/ is written from the manifests.
docs: setup
	$(BIN)/python tools/build_reference.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
