# chartroom. Two commands do everything on a fresh machine: `make demo` and `make test`.
# Every target first installs what is missing, and says so.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps node_modules assets check test bench demo up down crds
# The Node in node_modules (24) goes before the system's, which may be too old to run TypeScript.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

help: ## this list
	@awk -F':.*## ' '/^[a-z_]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules:
	@scripts/install-node-modules

assets: node_modules
	@test/env/build.sh >/dev/null
	@test/env/redis.sh >/dev/null

deps: node_modules assets ## install everything: npm packages, the real servers (built once, about 10 minutes), redis-server

check: node_modules ## types, lint, layers, formatting, and whether crds/ is up to date
	@node scripts/check.ts

test: deps ## check, then every Jest project: unit, conformance, integration, e2e
	@node scripts/test.ts

bench: deps ## every benchmark of test/bench (BENCH=name for one; BENCH_SHORT=1 for the short form)
	@node scripts/bench.ts $(BENCH)

demo: deps ## the whole thing, in under a minute (KEEP=1 leaves it up; REPLICAS=2 with Redis and two syncers)
	@node test/demo/main.ts

up: deps ## a control plane, a registry and Redis in the background; prints the exports for your shell
	@node test/env/up.ts

down: node_modules ## end what `make up` or `KEEP=1 make demo` left running
	@node test/env/down.ts

crds: node_modules ## regenerate crds/ from shared/api
	@node shared/api/generate.ts
