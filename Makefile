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
# A registry may be out of reach for half a minute.
export UV_HTTP_RETRIES ?= 5
export PYTHONPATH := src:.

UV := .tools/uv/bin/uv
RUN := .venv/bin/
# Our import path is not the SAM CLI's.
SAM := env -u PYTHONPATH SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam

# What is built and deployed: a table of samconfig.toml, and Lambda's processor (the template's Architecture).
STAGE ?= dev
ARCH ?= arm64
# This machine's own processor, as Lambda calls it.
MACHINE := $(subst aarch64,arm64,$(shell uname -m))

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(UV):
	@tools/install-uv $(UV_VERSION) "$(PYTHON)" >&2

# One environment, grown on demand: a stamp per dependency group, so `make demo` never waits for the linters.
.venv/.%: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --quiet --frozen --inexact --compile-bytecode --group $* >&2
	@touch $@

demo: .venv/.local ## create one instance with the real handler in an AWS of its own; its JSON on stdout
	@$(RUN)python -m local.demo

serve: .venv/.local ## the service on http://127.0.0.1:8080 (PORT=, WORKERS=) until interrupted
	@PORT=$(PORT) $(RUN)python -m local.serve

serve-grpc: .venv/.local .venv/.edge ## native gRPC on 127.0.0.1:8081 (GRPC_PORT=) in front of make serve, which it starts if need be
	@PORT=$(PORT) $(RUN)python -m local.edge

token: .venv/.local ## a fresh token for make serve
	@test -f .local/system-user.pem || { echo "There is no key yet: make serve writes it." >&2; exit 1; }
	@$(RUN)python -m local.token sign local-admin --key .local/system-user.pem --audience http://127.0.0.1:$(PORT)

test: .venv/.test .venv/.proto dist/$(MACHINE)/.built .tools/runtime/.installed .tools/sam/.installed ## the specification: every suite that needs no Docker
	@$(RUN)python -m pytest -q -n 2 --dist worksteal --cov=src --cov-report= 2>&1
	@report=$$($(RUN)coverage report --include='src/domain/*' --fail-under=100) || { echo "$$report" >&2; exit 1; }

clients: .venv/.test .venv/.clients tests/clients/node_modules/.installed ## real clients over every transport, and docs/clients.md; needs Node.js 20
	@CHROMIUM=$$(tools/find-chromium); export CHROMIUM; $(RUN)python -m pytest -q tests/clients 2>&1

# Files, not what package-% makes.
tests/clients/package-lock.json tools/asl/package-lock.json: ;

tests/clients/node_modules/.installed: tests/clients/package-lock.json tools/install-node-packages
	@tools/install-node-packages tests/clients >&2
	@touch $@

sam-local: .venv/.test dist/sam-local/build/template.yaml ## the artefact in the Lambda runtime, in Docker, by way of sam local; starts Docker where it may
	@$(RUN)python -m pytest -q tests/sam_local 2>&1

# Beside .aws-sam, from which is deployed.
dist/sam-local/build/template.yaml: template.yaml samconfig.toml dist/$(MACHINE)/.built .tools/sam/.installed
	@ARCH=$(MACHINE) $(SAM) build --config-env local --build-dir $(@D) --parameter-overrides Architecture=$(MACHINE) ExternalDomain=127.0.0.1 >&2

# The emulator of AWS's runtime is in the SAM CLI's wheel.
bench: .venv/.test dist/$(MACHINE)/.built .tools/runtime/.installed .tools/sam/.installed ## how long a creation takes and what it costs, as ratios to floors (QUICK=1, BEFORE=<commit>, ONLY=warm,bill)
	@PYTHONPATH=src:.:tests $(RUN)python -m bench $(if $(QUICK),--quick --results dist/bench) $(if $(BEFORE),--before $(BEFORE)) $(if $(ONLY),--only $(ONLY))

faults: .venv/.test ## try every way in which a creation can be cut off (HISTORIES=, SEED=, ONLY=n replays one, MISTAKE= plants one)
	@PYTHONPATH=src:.:tests $(RUN)python -m faults $(if $(HISTORIES),--histories $(HISTORIES)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(if $(MISTAKE),--mistake $(MISTAKE))

races: .venv/.test ## a thousand callers at once: for one domain, for an instance each, with one key (RACERS=)
	@RACERS=$(or $(RACERS),1000) $(RUN)python -m pytest -q tests/races 2>&1

fuzz: .venv/.fuzz ## hostile input for all that reads what strangers send (SEED=, SHARE=0.1 of the full numbers)
	@PYTHONPATH=src:.:tests $(RUN)python -m fuzz $(if $(SEED),--seed $(SEED)) $(if $(SHARE),--share $(SHARE))

workflows: .venv/.test ## run the state machines, with the real functions behind them
	@$(RUN)python -m pytest -q -n 2 --dist loadfile tests/workflows

bulk: .venv/.test ## create many instances from one file, 5 % of which fail at first (REQUESTS=1000)
	@PYTHONPATH=src:.:tests $(RUN)python -m harness.bulk_run $(REQUESTS)

# The validators of state machines run on Node.js, which comes from PyPI: nothing but Python has to be on the machine.
tools/asl/node_modules/.installed: tools/asl/package-lock.json tools/install-node-packages .venv/.asl
	@PATH="$(CURDIR)/$(RUN):$$PATH" tools/install-node-packages tools/asl >&2
	@touch $@

check: .venv/.test .venv/.lint .venv/.proto tools/asl/node_modules/.installed template-check artefact ## everything that judges without running: lint, types, layers, template, artefact
	@$(RUN)ruff check >&2
	@$(RUN)ruff format --check >&2
	@$(RUN)mypy >&2
	@$(RUN)lint-imports >&2
	@tools/generate-proto --check >&2
	@$(RUN)python -m tools.openapi --check >&2
	@$(RUN)python -m tools.aws_definitions --check >&2
	@$(RUN)node tools/asl/check.mjs statemachines/*.asl.yaml >&2
	@echo "check passed: lint, format, types, layers, generated code, API document, state machines, template, artefact"

proto: .venv/.proto ## regenerate the messages from proto/
	@$(RUN)python tools/generate-proto >&2

openapi: .venv/.local ## write docs/openapi.json
	@$(RUN)python -m tools.openapi

aws-definitions: .venv/.local ## regenerate src/bootstrap/aws_definitions from the botocore of the lock
	@$(RUN)python -m tools.aws_definitions

user: .venv/.local ## a key pair and the configuration entry of a caller: make -s user USER_ID=me > users.json
	@$(RUN)python -m local.token new-user "$(USER_ID)" --out "$(USER_ID).pem"

# The SAM CLI pins another botocore than moto does, hence an environment of its own.
.tools/sam/.installed: uv.lock pyproject.toml | $(UV)
	@UV_PROJECT_ENVIRONMENT=.tools/sam $(UV) sync --quiet --frozen --compile-bytecode --only-group sam >&2
	@touch $@

# Made once for all functions, tests and checks, and again when something that goes into it has changed. A folder's
# date tells of what is gone.
ARTEFACT_SOURCES := $(shell find src ! -path '*/__pycache__*') uv.lock tools/package tools/artefact tools/sbom
dist/%/.built: $(ARTEFACT_SOURCES) | $(UV)
	@rm -rf dist/$*
	@"$(PYTHON)" tools/package dist/$*/code $* >&2
	@"$(PYTHON)" tools/artefact dist/$*/code dist/$*/code.zip $* >&2
	@$(UV) export --quiet --frozen --no-default-groups --preview-features sbom-export --format cyclonedx1.5 \
		| "$(PYTHON)" tools/sbom dist/$*/code dist/$*/sbom.json > dist/$*/licences.txt
	@touch $@

# What the Lambda runtime brings besides Python: with nothing else must the artefact run.
.tools/runtime/.installed: uv.lock pyproject.toml | $(UV)
	@UV_PROJECT_ENVIRONMENT=.tools/runtime $(UV) sync --quiet --frozen --compile-bytecode --only-group runtime >&2
	@touch $@

artefact: dist/$(ARCH)/.built ## dist/<ARCH>: the code that runs, its zip, licences and bill of materials, within their limits

sbom: dist/$(ARCH)/.built ## what is shipped and under which licences; dist/<ARCH>/sbom.json is the bill of materials (CycloneDX)
	@cat dist/$(ARCH)/licences.txt

audit: $(UV) ## look the locked versions up in a database of known vulnerabilities (OSV), if it can be reached
	@UV_HTTP_RETRIES=2 tools/audit $(UV)

build: .tools/sam/.installed dist/$(ARCH)/.built ## dist/api.zip and .aws-sam/build, what STAGE=dev|prod is deployed from
	@ARCH=$(ARCH) $(SAM) build --config-env $(STAGE) >&2
	@"$(PYTHON)" tools/artefact .aws-sam/build/ApiFunction dist/api.zip

# What SAM calls for each function of the template, by way of src/Makefile: all of them run the same files.
package-%: dist/$(ARCH)/.built
	@mkdir -p "$(ARTIFACTS_DIR)"
	@cp -R dist/$(ARCH)/code/. "$(ARTIFACTS_DIR)"

deploy: .tools/sam/.installed ## create or update the stack of STAGE=dev|prod
	@region=$$(env -u PYTHONPATH .tools/sam/bin/python tools/destination $(STAGE)); \
	$(MAKE) --no-print-directory build; \
	$(SAM) deploy --config-env $(STAGE) --region $$region

edge: dist/edge.yaml ## dist/edge.yaml, the stack that puts native gRPC in front of the API (docs/edge.md)

dist/edge.yaml: edge/template.yaml edge/envoy.yaml tools/edge-template
	@"$(PYTHON)" tools/edge-template $@ >&2

# checkov pins an older boto3 than the code needs, so it has a lock of its own.
.tools/checkov/.installed: tools/checkov/requirements.txt | $(UV)
	@$(UV) venv --quiet --clear .tools/checkov >&2
	@$(UV) pip install --quiet --python .tools/checkov --require-hashes --requirements $< >&2
	@touch $@

checkov-lock: $(UV) ## bring tools/checkov/requirements.txt up to date
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		tools/checkov/requirements.in --output-file tools/checkov/requirements.txt

# Judged as it is written, and as CloudFormation gets it: what SAM adds, and references inside its shorthands, are seen
# only there. Nothing is judged twice: seconds are saved until the template or a judge changes.
.tools/.template-checked: template.yaml $(wildcard statemachines/*) samconfig.toml tools/translate.py dist/edge.yaml .checkov.yaml .venv/.test .tools/sam/.installed .tools/checkov/.installed
	@AWS_REGION=$${AWS_REGION:-eu-central-1} $(SAM) validate --lint --config-env $(STAGE) >&2
	@$(RUN)python -m tools.translate > .tools/stack.json
	@$(RUN)cfn-lint --regions eu-central-1 -- .tools/stack.json dist/edge.yaml >&2
	@.tools/checkov/bin/checkov --config-file .checkov.yaml --file .tools/stack.json dist/edge.yaml >&2
	@touch $@

template-check: .tools/.template-checked ## sam validate, cfn-lint and checkov on the templates and on what SAM makes of ours

.PHONY: aws-definitions help demo serve serve-grpc token user test clients workflows bulk sam-local faults races fuzz check openapi proto build deploy edge template-check checkov-lock artefact sbom audit bench
