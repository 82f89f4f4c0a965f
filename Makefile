# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
NEWEST := .venv-newest
BIN := $(VENV)/bin
VOICEPIPE := $(BIN)/voicepipe
RELEASE_FLAGS ?= --release
CORPUS ?= ../shared/corpus ../shared/corpus-cross
# Reading every file to leave its tests out takes a minute; tests/conftest.py sees that no slow one is missing.
SLOW_FILES = $$(grep -rl --include='test_*.py' 'mark\.slow' tests)
.DEFAULT_GOAL := help
# Libraries are compiled by the first process that reads them, not by each of the hundreds that tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo models browser engines test test-fast test-newest lock lint format types check render verify release bench tiny golden schemas gpu-check clean distclean

help: ## Say what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: locks/installer.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r locks/installer.txt
	@touch $@

# The tested versions, by hash; `make lock` settles them anew within the ranges of pyproject.toml.
UV_INSTALL = $(BIN)/uv pip install --quiet --python $(VENV)/bin/python --no-deps
define install
	$(UV_INSTALL) --require-hashes -r $(1)
	$(UV_INSTALL) --no-build-isolation -e .
endef

ifdef CPU
# The same versions without NVIDIA's libraries and Triton; PyTorch's own index has it for the CPU.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH = $$(sed -n 's/^\(torch[a-z]*==[^ ]*\).*/\1/p' locks/run.txt)
$(VENV)/cpu.txt: locks/run.txt | $(BIN)/uv
	awk '/^[A-Za-z]/ {kept = !/^(torch[a-z]*|triton|(nvidia|cuda)-[a-z0-9-]*)==/} kept' $< > $@

$(VENV)/.user: pyproject.toml $(VENV)/cpu.txt | $(BIN)/uv
	@echo "Installing voicepipe into $(VENV), for machines without an NVIDIA GPU"
	$(UV_INSTALL) --require-hashes -r $(VENV)/cpu.txt
	$(UV_INSTALL) --index-url $(TORCH_INDEX) $(TORCH)
	$(UV_INSTALL) --no-build-isolation -e .
	@touch $@
else
$(VENV)/.user: pyproject.toml locks/run.txt | $(BIN)/uv
	@echo "Installing voicepipe into $(VENV) (a few minutes the first time: PyTorch is large)"
	$(call install,locks/run.txt)
	@touch $@
endif

$(VENV)/.dev: pyproject.toml locks/dev.txt | $(BIN)/uv
	@echo "Installing voicepipe and its development tools into $(VENV)"
	$(call install,locks/dev.txt)
	@touch $@ $(VENV)/.user

models: $(VENV)/.user ## Bring the embedded voice model, pinned in models.lock, to where renders look
	@$(VOICEPIPE) models pull tiny

demo: models ## Set up, render the bundled film, say where the bank is
	$(VOICEPIPE) check
	$(VOICEPIPE) render
	@echo
	@$(VOICEPIPE) bank show --summary
	@echo
	@echo "Next: play a line     out/banks/ararat/latest names the version; its files are <language>/<scene>/<line>.wav"
	@echo "      play the story  $(VOICEPIPE) walk --lang en"
	@echo "      hear all of it  $(VOICEPIPE) review -o review, then open review/index.html in a browser"
	@echo "      look at it      $(VOICEPIPE) graph --svg story.svg"
	@echo "      change a line in scripts_in/, then: $(VOICEPIPE) plan && $(VOICEPIPE) render"
	@echo "      your own story  $(VOICEPIPE) init ../mygame"

browser: ## Install the browser that pages are tested in, where that takes no more than apt and root
	@sh tests/system_packages.sh chromium

engines: ## Install the game engines that exports are tried in, likewise; and players of Ink and Yarn from npm
	@sh tests/system_packages.sh renpy godot3-server libimage-exiftool-perl mono-mcs
	@command -v npm >/dev/null || sh tests/system_packages.sh nodejs npm
	@if command -v npm >/dev/null && [ ! -e tests/node_engines/node_modules ]; then \
		cd tests/node_engines && npm ci --silent --no-audit --no-fund --ignore-scripts; \
	fi

# Processes that share the cores: threads of theirs would only wait for each other.
test test-fast test-newest: export OMP_NUM_THREADS := 1

# A third process works while others wait: slow tests kill, start again and time out.
test: $(VENV)/.dev browser engines ## Set up and pass every test; the quick ones with branch coverage
	$(BIN)/python -m slipcover -m pytest -q -n 2 --dist worksteal -m "not slow" --durations=15
	$(BIN)/python tests/coverage_floor.py .coverage.json 90
	$(BIN)/python -m pytest -q -n 3 --dist worksteal -m slow --durations=15 $(SLOW_FILES)

test-fast: $(VENV)/.dev ## The quick tests only
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"

test-newest: $(BIN)/uv ## The quick tests with the newest release of every dependency, in an environment of their own
	$(PYTHON) -m venv $(NEWEST)
	$(BIN)/uv pip install --quiet --python $(NEWEST)/bin/python --upgrade -e '.[dev]'
	$(NEWEST)/bin/python -m pytest -q -n 2 --dist worksteal -m "not slow"

lock: $(BIN)/uv ## Settle the tested versions anew: UPGRADE=--upgrade takes the newest, nothing keeps what fits
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes $(UPGRADE) \
		--custom-compile-command 'make lock' -o locks/installer.txt locks/installer.in
	for set in dev run; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes $(UPGRADE) \
			--extra $$([ $$set = dev ] && echo dev || echo scratch) --no-emit-package voicepipe-banks \
			--override locks/left_out.in $$([ $$set = dev ] && echo locks/weights.in) \
			--constraint locks/tested.in $$([ $$set = run ] && echo '--constraint locks/dev.txt') \
			--custom-compile-command 'make lock' -o locks/$$set.txt pyproject.toml locks/build.in || exit 1; \
	done

lint: $(VENV)/.dev ## Style, spelling and file sizes of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

format: $(VENV)/.dev ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## Strict types
	$(BIN)/mypy

check: models ## Check the scripts and voices
	$(VOICEPIPE) check

render: models ## Render what is missing and publish
	$(VOICEPIPE) render $(RENDER_FLAGS)

verify: $(VENV)/.user ## Rehash every file of every version
	$(VOICEPIPE) bank verify

release: models ## check, render, verify; stops at the first red; refuses scratch takes
	$(VOICEPIPE) check $(RELEASE_FLAGS)
	$(VOICEPIPE) render $(RELEASE_FLAGS)
	$(VOICEPIPE) bank verify

gpu-check: $(VENV)/.dev ## Try every part of a render on a graphics card, up to 8 minutes; report: FOLDER=… (out/gpu-check)
	$(BIN)/python -m benchmarks.gpu_check $(or $(FOLDER),out/gpu-check) $(GPU_CHECK_FLAGS)

bench: $(VENV)/.dev ## Measure the pipeline at scale
	$(BIN)/python -m benchmarks

tiny: $(VENV)/.dev ## Train the embedded voice model again from CORPUS (hours; goes on where it stopped)
	$(BIN)/python -m tiny --corpus $(CORPUS)

golden: $(VENV)/.dev ## Cut the committed part of the reference's recordings again, from ../shared/golden
	PYTHONPATH=.:tests $(BIN)/python tests/golden/make_subset.py

schemas: $(VENV)/.dev ## Write the JSON Schemas again from the code
	@for file in docs/schemas/*.json; do \
		$(VOICEPIPE) schema $$(basename $$file .json) > $$file || exit 1; \
	done

clean: ## Remove caches (never the bank)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage.json build dist
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and the virtual environment
	rm -rf $(VENV) $(NEWEST)
