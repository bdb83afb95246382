# Needs Python 3.11 or later, make and git; everything else is installed into .venv on first use.
#
#   make demo     builds a repository, makes its data and model worse, and prints the comment that blocks the change
#   make test     all tests that this machine can run; a skipped test says why
#   make unit     the fast ones
#   make lint     ruff, mypy
#   make check    lint, the checks of action, hooks and workflows, then test
#
# REPORTS=DIR leaves the tests' results there as JUnit XML. PYTHON=… names another interpreter to build .venv with.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GROUPS := test engines lint delivery oracles frameworks
ACTIONS := action.yml publish/action.yml setup/action.yml
WORKFLOWS := $(filter-out docs/workflows/gitlab.yml,$(wildcard docs/workflows/*.yml))
RUN_PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test unit slow lint delivery format check image clean

help:
	@sed -n '3,9s/^# \{0,1\}//p' Makefile

$(STAMP): pyproject.toml .ci/find-python
	@test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  python="$$(sh .ci/find-python $(PYTHON))" && rm -rf $(VENV) && "$$python" -m venv $(VENV); }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet -e . $(addprefix --group ,$(GROUPS))
	@touch $@

demo: $(STAMP)
	$(BIN)/python examples/demo.py

test: unit slow

unit: $(STAMP)
	$(RUN_PYTEST) -m 'not slow' $(if $(REPORTS),--junitxml=$(REPORTS)/unit.xml)

slow: $(STAMP)
	$(RUN_PYTEST) -m slow $(if $(REPORTS),--junitxml=$(REPORTS)/slow.xml)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

delivery: $(STAMP)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci docs/workflows/gitlab.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/pre-commit validate-manifest .pre-commit-hooks.yaml
	$(BIN)/pre-commit validate-config .pre-commit-config.yaml
	$(BIN)/zizmor --offline --quiet --persona=pedantic .github $(ACTIONS) $(WORKFLOWS)

check: lint delivery test

image:
	docker build -t mlci .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist mlci-report
