# One command each. Everything here works in a clean clone; see `make help`.

SHELL := /bin/bash
CONFIGURATION := -c release
LOOKALIKE = $(shell swift build $(CONFIGURATION) --show-bin-path 2>/dev/null)/lookalike
SWIFT_SOURCES := Package.swift Index Sources Benchmarks Tests Tools

.DEFAULT_GOAL := help
.PHONY: help setup build demo test soak bench bench-peers bench-networks lint format clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: the JPEG and PNG libraries, pkg-config
	@Tools/scripts/setup

build: setup ## Build the program (release)
	swift build $(CONFIGURATION) --product lookalike

demo: build ## Index pictures and search them; IMAGES=DIR takes your own
	@Tools/scripts/demo "$(LOOKALIKE)" "$(IMAGES)"

test: setup ## Build and run the tests (release); FILTER=NAME runs some
	@Tools/scripts/test $(if $(FILTER),--filter "$(FILTER)")

soak: setup ## The long loops: more crashes, more fuzz, sanitizers
	@Tools/scripts/soak

bench: build ## Measure: indexing, queries, retrieval quality
	@Benchmarks/run

bench-peers: build ## Measure recall against speed beside the peers; BASE, QUERIES, TRUTH, ROUNDS, ONLY, PLOT
	@Benchmarks/compare

bench-networks: build ## Measure networks beside the peers; MODELS, THREADS, ROUNDS, ONLY, QUALITY
	@Benchmarks/networks

lint: setup ## Check the format, and that imports point down
	@Tools/scripts/setup-tests
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	@Tools/scripts/check-imports

format: ## Format the Swift sources
	swift format --in-place --recursive $(SWIFT_SOURCES)

clean: ## Remove what was built and the demo's files
	rm -rf .build demo
