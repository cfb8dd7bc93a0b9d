# The front door. Each target installs what it needs into this folder; results go to stdout, the rest to stderr.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8080
UV_VERSION := 0.13.9
# The Lambda runtime's Python where this machine has one, else any that runs the code (3.11 or newer).
PYTHON ?= $(shell tools/find-python)

export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
# A mirror's find-links directory or a global pip configuration must not change what the lock says.
export UV_NO_CONFIG := 1
export PYTHONPATH := src:.

UV := .tools/uv/bin/uv
RUN := .venv/bin/

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(UV):
	@tools/install-uv $(UV_VERSION) "$(PYTHON)" >&2

# One environment, grown on demand: a stamp per dependency group, so `make demo` never waits for the linters.
.venv/.%: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --quiet --frozen --inexact --compile-bytecode --group $* >&2
	@touch $@

.PHONY: help
