# Two commands: `make run` and `make test`. Everything they need is installed on first use, from hashed locks.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
TOOLS := .tools
UV := $(TOOLS)/bin/uv

# A start compiles everything anew where bytecode may not be kept: seconds instead of one.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check lock pictures rasa setup clean

run: setup
	@exec $(BIN)/shouwen up --demo

# Four at once, since tests wait more than they work; each has a database server of its own, Rasa's share one Rasa.
test: setup rasa check
	$(BIN)/pytest -n 4

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/stamp
rasa: nlu_data/.venv/stamp

$(UV):
	@echo "setting up: tools" >&2
	@$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet --disable-pip-version-check uv

.venv/stamp: requirements.lock pyproject.toml | $(UV)
	@echo "setting up: the application's environment" >&2
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

nlu_data/.venv/stamp: nlu_data/requirements.lock | $(UV)
	@echo "setting up: Rasa's environment (2.5 GB, about half a minute)" >&2
	@test -x nlu_data/.venv/bin/python || $(UV) venv --quiet --python $(PYTHON) nlu_data/.venv
	@$(UV) pip sync --quiet --python nlu_data/.venv/bin/python nlu_data/requirements.lock
	@touch $@

lock: $(UV)
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--group train --group dev pyproject.toml -o requirements.lock
	cd nlu_data && ../$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--override overrides.txt requirements.in -o requirements.lock

# The README's pictures, of the real application: what these tests see.
SEEN := tests/browser/screenshots
pictures: setup
	$(BIN)/pytest -q -n0 tests/browser -k "earphone_story or untranslated or page_has_no_barrier"
	cp $(SEEN)/shop-zh-hant.png $(SEEN)/supervisor-en.png docs/pictures/
	cp $(SEEN)/earphone-offer-zh-hant.png docs/pictures/chat-zh-hant.png
	cp $(SEEN)/earphone-offer-en-phone.png docs/pictures/chat-en-phone.png
	cp $(SEEN)/console-story-zh-hant.png docs/pictures/console-zh-hant.png

clean:
	rm -rf .venv $(TOOLS) nlu_data/.venv .data .mypy_cache .ruff_cache .pytest_cache .hypothesis
