# The project's commands. A fresh machine needs Python 3.11 or later, pip and make, nothing else:
#
#   make demo     train, explain and draw the example, and say where its page is
#   make test     every test with coverage, then the lint and the types
#   make lint     the lint and the types alone
#   make bench    gradwalk beside its peers
#   make pictures the pictures of the README and the docs, drawn anew
#   make lab      the notebooks, opened in JupyterLab
#   make notebooks the notebooks, executed anew
#   make docs     the documentation's site: build/site/html
#   make serve    the same, shown at http://localhost:8000
#   make wheel    dist/gradwalk-*.whl
#   make clean    remove what these commands made, .venv included

VENV   ?= .venv
# The first of these that is Python 3.11 or later makes the virtual environment.
PYTHON ?= python3 python python3.13 python3.12 python3.11
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test lint bench pictures lab notebooks docs serve pyodide wheel clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	@$(BIN)/gradwalk demo

# One BLAS thread in each of the processes, which share the cores.
test: $(VENV)/.test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report json:coverage.json
	$(BIN)/python tests/coverage_bars.py coverage.json
	$(BIN)/ruff check
	$(BIN)/mypy

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/mypy

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

pictures: $(VENV)/.test
	$(BIN)/python docs/make_images.py

lab: $(VENV)/.notebooks $(VENV)/.demo
	$(BIN)/jupyter lab $(LAB_OPTIONS) notebooks

notebooks: $(VENV)/.notebooks $(VENV)/.demo
	$(BIN)/python docs/make_notebooks.py

docs: $(VENV)/.docs
	$(BIN)/python docs/site/build_site.py

serve: docs
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory build/site/html

pyodide: build/pyodide/.ready
	$(BIN)/python -m pytest tests/docs/test_pyodide.py

# npm has NumPy for no later Pyodide; the other two are pure Python.
build/pyodide/.ready: Makefile | $(VENV)/.test
	npm install --silent --no-save --prefix build/pyodide pyodide@0.25.1 @emscripten-forge/numpy@2.1.1-py311hc8e14bb-0
	$(PIP) download --no-deps --dest build/pyodide graphviz tqdm
	@touch $@

wheel: $(VENV)/.test
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) .benchmarks benchmarks/results build dist .coverage coverage.json htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find autograd nn viz gradwalk benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra, renewed when pyproject.toml changes. Both install the tree itself (--editable), so that
# whichever came last, the command and the tests run the sources as they stand, never a stale copy of them.
$(VENV)/.%: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing gradwalk[$*] into $(VENV), once; this may take a minute or two."
	@$(PIP) install --editable '.[$*]'
	@touch $@

# Debian keeps ensurepip in a package of its own (python3-venv); without it, the pip at hand fills the environment.
$(VENV)/pyvenv.cfg:
	@set -e; for python in $(PYTHON); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if $$python -c 'import ensurepip' 2>/dev/null; then \
	        $$python -m venv $(VENV); \
	    else \
	        $$python -m venv --without-pip $(VENV); \
	        $$python -m pip --quiet --disable-pip-version-check --python $(BIN)/python install pip; \
	    fi; \
	    exit 0; \
	done; \
	echo "gradwalk needs Python 3.11 or later, and none of '$(PYTHON)' is: name yours, as in" \
	     "'make demo PYTHON=/path/to/python3'" >&2; \
	exit 1
