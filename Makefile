# Two commands: `make run` sets everything up and starts; `make test` checks everything.
# Both are quick the second time. Arguments: make run ARGS="quiz cardiology --text"

SHELL   := /bin/sh
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes
# Setting up talks on stderr: stdout belongs to the command, and may be read by a script.
SAY     := >&2 printf '%s\n'

PYTHON  ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
             $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
APPLE   := $(shell [ "$$(uname -s)-$$(uname -m)" = Darwin-arm64 ] && echo yes)
LLAMA   := $(if $(APPLE),,$(VENV)/.llama)
# Say ACCEPT_TERMS=1 to accept the terms of the models where nobody can be asked.
ACCEPT  := $(if $(ACCEPT_TERMS),--accept-terms)

.PHONY: help run test check lint format types contracts tests install llama models sound lock clean
.DEFAULT_GOAL := help

help: ## show what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: install sound ## set up what is missing, then start Companion (ARGS="..." are passed on)
	@$(BIN)/companion models pull --if-missing $(ACCEPT) >&2 || \
	  $(SAY) "Going on with the models that are here; companion doctor tells what is missing."
	@$(BIN)/companion $(ARGS)

test: $(VENV)/.dev $(LLAMA) sound ## set up, then lint, types, import contracts and all tests
	@$(MAKE) --no-print-directory sound-for-tests
	@$(BIN)/companion models pull --if-missing --accept-terms >&2
	@$(MAKE) --no-print-directory check

check: lint types contracts tests ## the gate alone, in an environment that is ready

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types:
	$(BIN)/mypy
contracts:
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
tests:
	$(BIN)/pytest $(PYTEST)
format: ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(VENV)/.run $(LLAMA) ## the environment, without starting anything
llama: $(LLAMA) ## build llama.cpp (not needed on Apple silicon)

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { $(SAY) "Companion needs Python 3.11 or newer, and none was found." \
	  "Install it (python.org, your package manager, or Homebrew) and run make again."; exit 1; }
	@$(SAY) "Making the environment in $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv $(VENV) >&2 || { rm -rf $(VENV); $(SAY) "Python's venv module is not complete." \
	  "On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }

$(VENV)/.pip: locks/pip.txt | $(BIN)/python
	@$(INSTALL) -r locks/pip.txt >&2
	@touch $@

$(VENV)/.run: locks/run.txt pyproject.toml | $(VENV)/.pip
	@[ -e $(VENV)/.dev ] || $(SAY) "Fetching packages."
	@$(INSTALL) --build-constraint locks/build.txt -r locks/run.txt >&2
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable . >&2
	@touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/.pip
	@$(SAY) "Fetching packages, the tools for testing too."
	@$(INSTALL) --build-constraint locks/build.txt -r locks/dev.txt >&2
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable . >&2
	@touch $(VENV)/.run $@

# Without a compiler there is no language model, and everything else works: so this may fail.
$(VENV)/.llama: locks/llama.txt | $(VENV)/.pip
	@$(SAY) "Building llama.cpp for the language model: about five minutes on two cores, once."
	@if $(INSTALL) --no-deps --build-constraint locks/build.txt -r locks/llama.txt >&2; then touch $@; else \
	  $(SAY) "llama.cpp could not be built, so the tutor speaks from its decks alone." \
	    "With a C++ compiler (Debian: sudo apt-get install build-essential) it will: make llama"; fi

# PortAudio: inside the packages on macOS and Windows; from the system's package manager on Linux.
APT = DEBIAN_FRONTEND=noninteractive apt-get
define from_system
	@[ "$$(uname -s)" = Linux ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo="sudo -n"; \
	elif [ -t 0 ] && [ -t 2 ] && command -v sudo >/dev/null; then sudo=sudo; else sudo=no; fi; \
	if [ "$$sudo" = no ]; then false; \
	elif command -v apt-get >/dev/null; then { $$sudo apt-get -qq update && $$sudo env $(APT) -qq install -y --no-install-recommends $(1); } >&2; \
	elif command -v dnf >/dev/null; then $$sudo dnf -q -y install $(2) >&2; \
	elif command -v pacman >/dev/null; then $$sudo pacman -S --noconfirm --needed $(3) >&2; \
	elif command -v zypper >/dev/null; then $$sudo zypper -n install $(4) >&2; \
	else false; fi || $(SAY) $(5)
endef

sound: | $(VENV)/.pip
	@$(BIN)/python -c 'import sounddevice' 2>/dev/null || $(MAKE) --no-print-directory portaudio

.PHONY: portaudio pulseaudio sound-for-tests
portaudio:
	@$(SAY) "PortAudio, which carries sound, is missing: trying the system's package manager."
	$(call from_system,libportaudio2,portaudio,portaudio,libportaudio2,\
	  "PortAudio could not be installed: no microphone or speaker until it is." \
	  "Debian and Ubuntu: sudo apt-get install libportaudio2   Fedora: sudo dnf install portaudio")

sound-for-tests:
	@[ "$$(uname -s)" != Linux ] || { command -v pulseaudio && command -v paplay; } >/dev/null || \
	  $(MAKE) --no-print-directory pulseaudio
pulseaudio:
	@$(SAY) "PulseAudio, for a virtual microphone and speaker, is missing: trying the system's package manager."
	$(call from_system,pulseaudio pulseaudio-utils libasound2-plugins libportaudio2,pulseaudio pulseaudio-utils alsa-plugins-pulseaudio,pulseaudio pulseaudio-alsa,pulseaudio pulseaudio-utils alsa-plugins-pulse,\
	  "PulseAudio could not be installed: tests of the real sound path will be skipped.")

.PHONY: pictures
pictures: install ## make the README's picture again, from a real run
	@$(BIN)/python docs/pictures.py

lock: ## make the pins again from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { $(SAY) "This needs uv: pip install uv"; exit 1; }
	@$(BIN)/python locks/lock.py

clean: ## remove the environment and what can be made again
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
