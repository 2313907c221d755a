# Each target does its own set-up in .venv; nothing is needed but Python 3.11+ and a C compiler.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check
JOBS ?= auto
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
GENERATORS := $(wildcard tools/gen_*.py)

ARM64 = $(BIN)/python tools/arm64_root.py $(if $(OPTIONAL),--if-possible) -m pytest -n 2 --dist worksteal
MACHINE_TESTS = $(addprefix tests/unit/jit/test_,atomics.py faults.py partial_stores.py tail_calls.py)

.PHONY: demo test quick test-arm64 quick-arm64 count-arm64 check bench report guard wheel build generate format clean

demo: build
	$(BIN)/python programs/demo/demo.py

test: build $(VENV)/.test
	$(PYTEST) --durations 10 $(TESTS)

# What a developer runs between two edits.
quick: build $(VENV)/.test
	$(PYTEST) -q -m "not slow" $(TESTS)

# The same by emulation of ARM64 on an x86-64 Debian, about ten times slower; its set-up is in build/arm64.
test-arm64: $(VENV)/.deps
	$(ARM64) $(or $(TESTS),tests)

# A part of it, for CI, about a minute: our scripts in compiled code, and what is the machine's own. OPTIONAL=1: only if this machine can.
quick-arm64: $(VENV)/.deps
	$(ARM64) -q -m "not slow" -k "jit and not collection" $(or $(TESTS),tests/spec/test_own_scripts.py $(MACHINE_TESTS))

# Counts the instructions of the benchmarks on ARM64, and wasmtime's; writes docs/arm64.md.
count-arm64: build
	$(BIN)/python tools/arm64_loops.py

check: build $(VENV)/.test $(VENV)/.check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@for generator in $(GENERATORS); do echo $$generator --check; $(BIN)/python $$generator --check || exit 1; done
	$(BIN)/python tools/check_imports.py

# All benchmarks; ARGS are passed on: make bench ARGS="--layer c --quick".
bench: build $(VENV)/.bench
	$(BIN)/python -m bench $(ARGS)

# Installs the peers by package name, measures everything, and writes docs/performance.md.
report: build $(VENV)/.bench
	$(BIN)/python -m bench peers --install
	$(BIN)/python -m bench report $(ARGS)

# Fails when this tree runs slower than the commit BASE.
guard: build
	$(BIN)/python -m bench guard $(BASE)

wheel: $(VENV)/.deps
	rm -rf dist
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	$(BIN)/python tools/check_wheel.py dist/*.whl
	@ls -l dist

# Writes the files that derive from the tables.
generate:
	@for generator in $(GENERATORS); do $(PYTHON) $$generator || exit 1; done

format: $(VENV)/.check
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Rebuilds the extensions whose source changed.
build: $(VENV)/.installed
	$(BIN)/python setup.py -q build_ext --inplace

$(VENV)/.deps:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wasmine needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	$(PIP) --group build
	touch $@

$(VENV)/.installed: $(VENV)/.deps pyproject.toml setup.py
	$(BIN)/python setup.py -q build_ext --inplace
	$(PIP) --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.test: $(VENV)/.deps pyproject.toml
	$(PIP) --group test
	touch $@

$(VENV)/.bench: $(VENV)/.deps pyproject.toml
	$(PIP) --group bench
	touch $@

$(VENV)/.check: $(VENV)/.deps pyproject.toml
	$(PIP) --group check
	touch $@

clean:
	rm -rf build dist $(VENV) src/*.egg-info
	find src -name '*.so' -delete
