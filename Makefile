.PHONY: help setup demo test prove guards bench lint lock clean
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUNBUFFERED := 1

help: ## Show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup: .venv/.ready static/vendor/.ready ## Install everything into .venv/ and static/vendor/

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CareBoard needs Python 3.11 or newer.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

static/vendor/.ready: package.json package-lock.json scripts/vendor.sh .venv/.ready
	sh scripts/vendor.sh
	touch $@

demo: setup ## Serve the demo on http://127.0.0.1:${PORT:-8000}
	$(BIN)/careboard demo

test: setup ## Run the whole test suite
	sh scripts/browser.sh
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

prove: setup ## Prove what takes minutes; prints the figures of docs/proofs.md
	$(BIN)/python -m pytest prove

bench: setup ## Measure speed as ratios
	$(BIN)/python -m bench

lint: setup ## Format and check the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Renew requirements.lock (needs uv)
	uv pip compile --generate-hashes --extra test --universal --python-version 3.11 --no-header --no-emit-index-url --output-file requirements.lock pyproject.toml

clean: ## Remove everything that set-up and the demo made
	rm -rf .venv node_modules static/vendor var build *.egg-info
