# What a person types; Meson and ninja do the work. `make` builds build/slipway, which runs from there.
BUILD   := build
DEV     := build-dev
PREFIX  ?= /usr/local
CC      ?= cc
TESTS   ?= test/e2e
PYTEST  := python3 -m pytest
SOURCES = $(shell git ls-files 'src/*.c' 'src/*.h' 'test/*.c' 'test/*.h' 'bench/*.c')
ifeq ($(origin CC),default)
CC := cc
endif

.DEFAULT_GOAL := build
.PHONY: help init build install format lint test typecheck check clean demo run bench fuzz tsan coverage bless conformance dev

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

init: ## install what building, testing and linting need
	@tools/setup.sh build test lint

build: $(BUILD)/build.ninja ## build/slipway, optimised
	@ninja --quiet -C $(BUILD) slipway
$(BUILD)/build.ninja:
	@tools/setup.sh build
	@CC=$(CC) meson setup $(BUILD) --prefix=$(PREFIX) -Dbuildtype=debugoptimized >/dev/null

dev: $(DEV)/build.ninja ## build-dev/slipway with address and undefined-behaviour sanitizers
	@ninja --quiet -C $(DEV)
$(DEV)/build.ninja:
	@tools/setup.sh build test
	@CC=$(CC) meson setup $(DEV) -Dbuildtype=debug -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

install: build ## install slipway under PREFIX
	@meson configure $(BUILD) --prefix=$(PREFIX) >/dev/null # which may not be the one that it was set up with
	@ninja --quiet -C $(BUILD) install

run: build ## build, then say what it can do
	@$(BUILD)/slipway

demo: build ## write a project and run what a push of it would start: four services, four Pythons
	@tools/setup.sh demo
	@tools/demo.sh $(BUILD)/slipway

test: dev build ## unit tests, golden cases, corpora and end-to-end runs
	@meson test -C $(DEV) --print-errorlogs --num-processes 2
	@SLIPWAY=$(abspath $(BUILD)/slipway) SLIPWAY_DEV=$(abspath $(DEV)/slipway) $(PYTEST) -q $(TESTS)

format: ## rewrite the sources in the house format
	@clang-format -i $(SOURCES)

lint: ## layers, house rules, format, clang-tidy
	@tools/setup.sh build lint
	@awk -f tools/layers.awk src/LAYERS $$(git ls-files 'src/*.[ch]')
	@tools/house.sh
	@clang-format --dry-run -Werror $(SOURCES)
	@test -f $(BUILD)/build.ninja || $(MAKE) -s $(BUILD)/build.ninja
	@ninja --quiet -C $(BUILD) slipway
	@tools/tidy.sh $(BUILD)

typecheck: ## every warning is an error, with gcc and with clang
	@tools/setup.sh build test lint
	@for cc in gcc clang; do \
	    test -f build-$$cc/build.ninja || CC=$$cc meson setup build-$$cc -Dbuildtype=debugoptimized -Dwerror=true >/dev/null; \
	    ninja --quiet -C build-$$cc || exit 1; \
	done

check: lint typecheck test ## all three

conformance: dev ## public conformance data (CONFORMANCE=DIR), passed and failed by set
	@tools/conformance.sh $(DEV)

bless: dev ## rewrite the expected parts of the golden cases
	@SLIPWAY=$(abspath $(BUILD)/slipway) BLESS=1 $(PYTEST) -q test/e2e/test_golden.py

bench: build ## measure, beside peers, and print the table of docs/benchmarks.md
	@bench/run.sh $(BUILD)

fuzz: ## every fuzz target for SECONDS (60)
	@tools/setup.sh build fuzz
	@tools/fuzz.sh $(or $(SECONDS),60)

THREADED := $(addprefix test/e2e/test_,github_remote.py github_cache.py github_artifacts.py two_runs.py codebuild.py cloudbuild.py azure.py)
tsan: ## unit tests and end-to-end runs of what has threads, with gcc's thread sanitizer
	@tools/setup.sh build test
	@test -f build-tsan/build.ninja || CC=gcc meson setup build-tsan -Dbuildtype=debug -Doptimization=1 -Db_sanitize=thread -Db_lundef=false >/dev/null
	@ninja --quiet -C build-tsan
	@TSAN_OPTIONS=die_after_fork=0 meson test -C build-tsan --print-errorlogs --num-processes 2 --timeout-multiplier 3
	@rm -f build-tsan/race.*
	@TSAN_OPTIONS=log_path=$(abspath build-tsan/race) SLIPWAY=$(abspath build-tsan/slipway) $(PYTEST) -q $(THREADED)
	@! cat build-tsan/race.* 2>/dev/null

coverage: ## line coverage of the unit tests
	@tools/setup.sh build test
	@test -f build-cov/build.ninja || meson setup build-cov -Dbuildtype=debug -Db_coverage=true >/dev/null
	@meson test -C build-cov >/dev/null; tools/coverage.sh build-cov

clean: ## remove every build folder
	rm -rf build build-*
