# Everything runs on the project's own Node, node_modules/.bin/node; the host's Node only carries npm.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

NODE := node_modules/.bin/node
INSTALLED := node_modules/.installed
BUILT := dist/.built
CASCADE := $(NODE) bin/cascade.mjs
SOURCES := $(shell find src -name '*.ts' 2>/dev/null) tsconfig.json tsconfig.build.json
NO_NODE := Node 24 is missing in node_modules (install scripts were skipped?); run: rm -rf node_modules && make setup
MAJOR := [ "$$($(NODE) -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 24 ]

.PHONY: help setup build test check bench replay mutants clean

help:     ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 16

setup: $(INSTALLED) ## install packages and Node 24, as locked
	@$(MAJOR) || { echo '$(NO_NODE)' >&2; exit 2; }

# a node_modules that was installed by hand (npm ci) is taken as it is when it is not older than the lock
$(INSTALLED): package-lock.json
	@if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; \
	then npm ci --no-audit --no-fund; fi
	@touch $@

build: setup $(BUILT) ## compile src/ to dist/

$(BUILT): $(SOURCES) | setup
	@rm -rf dist && $(NODE) node_modules/typescript/bin/tsc -p tsconfig.build.json && touch $@

check: setup ## style, types and the tidy test
	@$(NODE) node_modules/@biomejs/biome/bin/biome ci --error-on-warnings src test bin
	@$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json
	@$(NODE) --test test/tidy.test.ts

test: build ## everything: style, types, all tests
	@bash test/run.sh

bench: build ## benchmarks, each in a process of its own
	@bash test/bench.sh

replay: build ## replay the embedded crash day; prints the report to open
	@$(CASCADE) run

mutants: build ## break the engine on purpose and see the tests fail
	@$(NODE) test/mutants/run.ts

clean: ## remove what was built and cached, not the packages
	@rm -rf dist .tmp data/frames
