# What a person does in this repository. `make` alone lists it.
PYTHON ?= python3
BIN := .venv/bin
# Only `make lock` needs uv; it writes hashes for every platform and Python, which pip itself cannot.
UV := uv==0.13.9
LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)

.PHONY: help setup demo docs test check lint format bench soak wheel deb boot lock clean
.DELETE_ON_ERROR:
# Two pips in one environment would trip over each other.
.NOTPARALLEL:

# The tests start hundreds of Pythons: what is compiled is kept, also where the shell forbids it to everybody.
test check soak: export PYTHONDONTWRITEBYTECODE :=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: .venv/dev.stamp ## .venv with everything development needs

demo: .venv/demo.stamp ## a small PBX, phones, calls and the agent's page; needs nothing else
	@$(BIN)/ctibridge demo

docs: setup ## the documentation as a site, in site/; a link that leads nowhere fails it
	$(BIN)/python -m tools.reference
	@rm -rf site
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env --conf-dir docs/site --doctree-dir .venv/doctrees . site
	@echo "open site/index.html"

# Three on two cores: more than half of a worker's time is waiting for a peer, a timer or a page.
test: setup .venv/demo.stamp ## everything, against the real peers too (installs them where it may)
	tools/peers.sh
	tools/npm.sh
	$(BIN)/python -m tests.systemd.debian
	@$(MAKE) --no-print-directory lint
	CTIBRIDGE_PACKAGE=$$($(BIN)/python -m tests.systemd.package .venv/package) $(BIN)/pytest -n 3 --dist worksteal

check: setup lint ## the quick loop: style, types, import rules, unit tests
	$(BIN)/pytest -m "not peer and not e2e"

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup ## put the code in the house's form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## the bare floor and the product side by side, with ratios
	$(BIN)/python -m bench

soak: setup ## a million mutated messages, a hundred thousand operations, two hundred kills, twenty restarts of the PBX, ten minutes without a network, each write that fails, Redis killed twenty times; more than an hour
	CTIBRIDGE_FUZZ=1000000 $(BIN)/pytest -o faulthandler_timeout=0 tests/sip/test_fuzz.py tests/sip/test_dialog_info.py
	CTIBRIDGE_PROTOCOL=20000 $(BIN)/pytest -o faulthandler_timeout=0 tests/cluster/test_protocol.py
	CTIBRIDGE_SILENT=udp $(BIN)/pytest -k without_the_pbx tests/e2e/test_service.py
	CTIBRIDGE_TENANTS=100000 $(BIN)/pytest -o faulthandler_timeout=0 tests/tenants/test_tenant_oracle.py
	CTIBRIDGE_DISK=100 $(BIN)/pytest -o faulthandler_timeout=0 tests/faults/test_disk.py
	CTIBRIDGE_CALLS=100000 $(BIN)/pytest -s -o faulthandler_timeout=0 tests/faults/test_many_calls.py
	CTIBRIDGE_KILLS=200 CTIBRIDGE_STOPPED=60 CTIBRIDGE_COMMANDS=10 CTIBRIDGE_BACKUPS=50 $(BIN)/pytest -s -o faulthandler_timeout=0 \
	    $(addprefix tests/faults/test_,kill.py stopped.py commands.py backup.py)
	CTIBRIDGE_NODE_FAULTS=20 CTIBRIDGE_REDIS_FAULTS=20 $(BIN)/pytest -s -o faulthandler_timeout=0 \
	    $(addprefix tests/cluster/test_,node_faults.py redis_faults.py redis_kinds.py)
	CTIBRIDGE_RESTARTS=20 CTIBRIDGE_AWAY=600 $(BIN)/pytest -s -o faulthandler_timeout=0 \
	    $(addprefix tests/faults/test_,pbx_away.py network.py)

wheel: setup ## dist/ctibridge-VERSION-py3-none-any.whl, for pip and pipx
	$(BIN)/python -m hatchling build --target wheel

deb: setup ## dist/ctibridge_VERSION_ARCH.deb for this Debian; two minutes
	packaging/deb.sh

boot: setup ## the package on a booted Debian, called, attacked, upgraded; built twice and compared
	$(BIN)/python -m tests.systemd.debian
	CTIBRIDGE_BOOT=1 $(BIN)/pytest -s -o faulthandler_timeout=0 tests/systemd

lock: setup ## pin what pyproject.toml asks for; UPGRADE=--upgrade takes the newest
	$(BIN)/pip install --quiet $(UV)
	$(LOCK) --extra dev --extra fast --output-file requirements/dev.txt pyproject.toml requirements/build.in
	$(LOCK) --extra softphone --extra fast --constraint requirements/dev.txt \
	    --output-file requirements/demo.txt pyproject.toml requirements/build.in
	$(LOCK) --extra fast --constraint requirements/dev.txt --output-file requirements/run.txt pyproject.toml

clean: ## remove what the targets above made
	rm -rf .venv site requirements/page/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find ctibridge tests bench tools -name __pycache__ -prune -exec rm -r {} +

# One virtual environment; each stamp says that one lock file was installed whole, and the project beside it.
.venv/%.stamp: requirements/%.txt pyproject.toml ctibridge/__init__.py
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
