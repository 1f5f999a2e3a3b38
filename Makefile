# One word per habit. Each target sets up what it needs; `make` checks and tests.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
export OMP_WAIT_POLICY := PASSIVE
# Bytecode is kept: without it every process compiles torch and scikit-learn anew (10 s).
unexport PYTHONDONTWRITEBYTECODE
.PHONY: all demo test slow pythons coverage check format lint types layers rules spelling bench bench-data fuzz lock clean

all: check test slow

# The environment: torch first and from its own line, so that a CPU build is taken where
# the machine offers one; then everything else as locked, which names all that is needed
# (looking for more takes a minute); then the package itself.
$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --no-compile $$(grep -E '^torch==' requirements.lock)
	$(BIN)/python -m pip install --quiet --no-compile --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	$(BIN)/python -m pip check
	touch $@

demo: $(VENV)/.ready
	$(BIN)/neurograft demo neurograft-demo

# The tests of every change; `slow` holds whole studies, processes and learning. What takes
# longest begins first. Shapes and types are checked at every call of the quick tests; whole
# studies run as they do for users, without these checks, in half the time.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
LONGEST := tests/study tests/prediction
# The rules of the house are one of the checks.
CHECKED := tests/test_house_rules.py
OTHERS := $(filter-out $(LONGEST) $(CHECKED) %.pyc %__pycache__ %conftest.py,$(wildcard tests/*))
test: $(VENV)/.ready
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" $(LONGEST) $(OTHERS) src
slow: $(VENV)/.ready
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m slow --jaxtyping-packages= \
	  $$(grep -rl --include='*.py' 'mark\.slow' tests/studies tests/study | sort) \
	  $$(grep -rl --include='*.py' 'mark\.slow' tests | sort)
# The quick tests under every Python that is supported and found here.
pythons:
	for v in 3.11 3.12 3.13; do \
	  if command -v python$$v >/dev/null; then \
	    $(MAKE) test VENV=.venv-$$v PYTHON=python$$v || exit 1; \
	  else echo "python$$v is not here: not tested"; fi; done
# Both, a quarter slower; branch coverage of at least 92 %.
coverage: $(VENV)/.ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

check: lint types layers rules spelling

format: $(VENV)/.ready
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .
lint: $(VENV)/.ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
types: $(VENV)/.ready
	$(BIN)/mypy
	$(BIN)/mypy benchmarks/*.py
layers: $(VENV)/.ready
	$(BIN)/lint-imports
rules: $(VENV)/.ready
	$(BIN)/python -m pytest -q $(CHECKED)
spelling: $(VENV)/.ready
	$(BIN)/codespell
bench: $(VENV)/.ready
	$(BIN)/python benchmarks/speed/pretraining.py
bench-data: export OMP_NUM_THREADS := 1
bench-data: export OPENBLAS_NUM_THREADS := 1
bench-data: $(VENV)/.ready
	$(BIN)/python benchmarks/harmonising.py
# Ten thousand damaged files, each a row with its reason, or a sentence; and two hundred
# studies with settings drawn by chance, which run to their end or are refused.
fuzz: $(VENV)/.ready
	$(BIN)/python benchmarks/fuzz.py --files 10000
	NEUROGRAFT_DRAWN_STUDIES=200 \
	  $(BIN)/python -m pytest -n 2 -m slow tests/study/test_promises.py
lock: $(VENV)/.ready
	$(BIN)/pip-compile --quiet --no-emit-find-links --no-emit-index-url --strip-extras \
	  --extra dev --constraint constraints.txt \
	  --output-file requirements.lock pyproject.toml
	sed -i -e 's/^torch==\([0-9.]*\)+cpu/torch==\1/' -e '/^--/d' requirements.lock

clean:
	rm -rf $(VENV) .venv-3.* neurograft-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
