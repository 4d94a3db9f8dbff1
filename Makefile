# The one task runner. `make help` lists what it does; `make demo` and `make test` set up what they need.
# Needed beforehand: Python 3.11 or newer, Node 20 or newer, JDK 17 or newer, Maven 3.6.3 or newer, a C compiler.

PYTHON ?= python3
PY := .venv/bin/python
MVN := mvn -B --no-transfer-progress -Dstyle.color=never
export npm_config_loglevel := error
# No compiled Python beside the sources. `make test`, which starts hundreds of Python processes, names a folder for it.
ifdef PYTHONPYCACHEPREFIX
unexport PYTHONDONTWRITEBYTECODE
else
export PYTHONDONTWRITEBYTECODE := 1
endif
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Set-up is done once: each stamp stands inside what it stamps and depends on the lock files.
PYTHON_READY := .venv/.ready
JS_READY := js/node_modules/.ready
JAVA_FETCHED := java/target/.fetched
JAVA_READY := java/target/.ready
JAVA_SOURCES := $(shell find java/src java/vector 2>/dev/null) # folders too: their time changes when a file goes

# The three adapters: the processes through which conformance drives the runtimes.
ADAPTER_python := $(PY) -m rnnspec.adapter
ADAPTER_js := node js/src/adapter.js
ADAPTER_java := java -cp java/target/classes rnnspec.Adapter
JAVA_VECTOR := java/target/rnnspec-vector.jar
ADAPTER_java_kernel := java --add-modules jdk.incubator.vector -cp java/target/classes:$(JAVA_VECTOR) rnnspec.Adapter
RUNTIMES := python js java

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- set-up ---------------------------------------------------------------------------------------

.PHONY: setup
setup: $(PYTHON_READY) $(JS_READY) $(JAVA_READY) ## everything that is needed, from the lock files

$(PYTHON_READY): python/requirements-dev.txt python/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r python/requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e python
	touch $@

$(JS_READY): js/package.json js/package-lock.json
	cd js && npm ci --ignore-scripts
	touch $@

# Maven fetches a plugin when its goal first runs: each is run once, so that the rest works without a network.
$(JAVA_FETCHED): java/pom.xml
	cd java && $(MVN) -q dependency:resolve surefire:test -DskipTests spotless:check -DspotlessFiles='.*/module-info.java'
	mkdir -p $(@D) && touch $@

$(JAVA_READY): $(JAVA_FETCHED) $(JAVA_SOURCES)
	cd java && $(MVN) -q test-compile jar:jar
	java/vector/build.sh $(JAVA_VECTOR)
	touch $@

.PHONY: lock
lock: ## compile python/requirements-dev.txt and js/package-lock.json again
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv==0.13.9
	cd python && ../build/lock/bin/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
	  --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet --upgrade --output-file requirements-dev.txt
	cd js && npm install --package-lock-only --ignore-scripts

# --- see it work ----------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## one model, three languages, the same bits
	tools/demo.sh

# --- test -----------------------------------------------------------------------------------------

# The longest first, so that two jobs end together; beside the first, which sleeps much, those that use two cores.
CHECKS := test-conformance conformance-kernel test-python regenerate-check readme test-java test-js test-tools kernel-check \
  conformance fuzz soak-short types lint functions golden conformance-player models resume coverage accuracy mirror sizes

# What they need is built before them: make would put a check off until all others have begun, were it not there.
.PHONY: test
test: ## everything that CI runs: all of the following checks
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target setup kernel build/player build/ftz.so build/exhaustive
	@PYTHONPYCACHEPREFIX=$(CURDIR)/build/pycache $(MAKE) --no-print-directory --jobs 2 --output-sync=target $(CHECKS)
	@echo "make test: all of it passed: $(CHECKS)"

.PHONY: lint
lint: lint-python lint-js lint-java lint-codes ## formatters and linters of every language, and generated sources

.PHONY: lint-python lint-js lint-java lint-codes
lint-python: $(PYTHON_READY)
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
lint-js: $(JS_READY)
	cd js && npm run --silent check:format && npm run --silent check:lint
	cd bench/js && ../../js/node_modules/.bin/biome ci --error-on-warnings .
	cd examples/amp-web && ../../js/node_modules/.bin/biome ci --error-on-warnings .
lint-java: $(JAVA_READY)
	cd java && $(MVN) -q spotless:check
	cd bench/java && $(MVN) -q spotless:check
lint-codes: $(PYTHON_READY)
	$(PY) tools/generate_codes.py --check

.PHONY: types
types: types-python types-js $(JAVA_READY) ## mypy --strict, tsc over JSDoc, javac -Xlint:all -Werror

.PHONY: types-python types-js
types-python: $(PYTHON_READY)
	.venv/bin/mypy python/src
	.venv/bin/mypy python/tests
	.venv/bin/mypy tools
	.venv/bin/mypy -p conformance
	.venv/bin/mypy -p interop
	MYPYPATH=kernel .venv/bin/mypy kernel/*.py
	.venv/bin/mypy bench/*.py bench/java/*.py bench/kernel/*.py bench/python/*.py bench/tests/*.py
types-js: $(JS_READY)
	cd js && npm run --silent check:types
	cd examples/amp-web && ../../js/node_modules/.bin/tsc -p tsconfig.json

.PHONY: test-tools
test-tools: setup ## the tests of tools/, interop/ and bench/: that each check can fail
	$(PY) -m pytest tools/tests interop/tests bench/tests
	node --test --test-reporter=dot bench/js/test/*.test.js

.PHONY: test-python
test-python: $(PYTHON_READY) kernel ## the tests of the Python runtime, by the kernel and without it
	cd python && ../$(PY) -m pytest

.PHONY: test-js
test-js: $(JS_READY) ## the tests of the JavaScript runtime
	cd js && npm test

# What computes is tested on the Vector API too.
JAVA_VECTOR_TESTS := Kernel*,Run*,Cell*,Directions*,Options*,Wiring*,Branches*,Face*,Activation*,Elementwise*,SelfTest*,Decoding*
.PHONY: test-java
test-java: $(JAVA_READY) ## the tests of the Java runtime
	cd java && $(MVN) surefire:test
	cd java && $(MVN) surefire:test -Dtest='$(JAVA_VECTOR_TESTS)' -Dmaven.test.additionalClasspath=$(CURDIR)/$(JAVA_VECTOR) \
	  -DargLine='--add-modules jdk.incubator.vector -Drnnspec.test.kernel=vector'

.PHONY: test-conformance
test-conformance: $(PYTHON_READY) ## the tests of the conformance suite itself
	$(PY) -m pytest conformance/tests

.PHONY: conformance
conformance: $(addprefix conformance-,$(RUNTIMES)) ## run the conformance suite against the three runtimes

.PHONY: $(addprefix conformance-,$(RUNTIMES))
conformance-python: $(PYTHON_READY)
conformance-js: $(PYTHON_READY) $(JS_READY)
conformance-java: $(PYTHON_READY) $(JAVA_READY)
$(addprefix conformance-,$(RUNTIMES)): conformance-%:
	$(PY) -m conformance run -- $(ADAPTER_$*)

# Written from SPEC.md by somebody who had not seen the others: a test of the text.
build/player: $(wildcard examples/player-c/*.c examples/player-c/*.h)
	mkdir -p build
	$(CC) -std=c11 -O2 -ffp-contract=off -Wall -Wextra -Wpedantic $(filter %.c,$^) -lm -o $@

.PHONY: conformance-player
conformance-player: $(PYTHON_READY) build/player ## the same for the player in plain C of examples/player-c
	$(PY) -m conformance run -- build/player

# The same under flush-to-zero and denormals-are-zero, which audio hosts and some libraries set.
# Preloading is Linux's way: elsewhere these runs would prove nothing, so they say that they are left out.
ifeq ($(shell uname -s),Linux)
flushed = $(PY) -m conformance $(1) -- env LD_PRELOAD=$(CURDIR)/build/ftz.so $(2)
else
flushed = @echo "left out, the flush-to-zero switch is for Linux: conformance $(1) -- $(2)"
endif
build/ftz.so: conformance/ftz/ftz.c
	mkdir -p build
	$(CC) -shared -fPIC -O2 -Wall -Wextra $< -o $@

.PHONY: conformance-ftz $(addprefix conformance-ftz-,$(RUNTIMES))
conformance-ftz: $(addprefix conformance-ftz-,$(RUNTIMES)) ## the suite again, with subnormal numbers flushed to zero
conformance-ftz-python: $(PYTHON_READY)
conformance-ftz-js: $(PYTHON_READY) $(JS_READY)
conformance-ftz-java: $(PYTHON_READY) $(JAVA_READY)
$(addprefix conformance-ftz-,$(RUNTIMES)): conformance-ftz-%: build/ftz.so
	$(call flushed,run,$(ADAPTER_$*))

# Every path of a runtime, forced, as it is and flushed to zero: `make conformance-kernel-python-avx2` is one of them. A
# path that is not there is an error of the adapter, so these are the ones that this processor has.
CPU := $(shell uname -m) $(shell grep -m1 -E '^(flags|Features)' /proc/cpuinfo 2>/dev/null)
PATHS_python ?= plain $(if $(filter x86_64,$(CPU)),baseline) $(filter avx2,$(CPU)) $(if $(filter avx512f,$(CPU)),avx512) \
  $(if $(filter aarch64 arm64,$(CPU)),neon)
KERNEL_RUNS := $(addprefix conformance-kernel-python-,$(PATHS_python))
PATHS_java ?= plain vector
KERNEL_RUNS_java := $(addprefix conformance-kernel-java-,$(PATHS_java))
PATHS_js ?= plain simd128
KERNEL_RUNS_js := $(addprefix conformance-kernel-js-,$(PATHS_js))
.PHONY: conformance-kernel $(KERNEL_RUNS) $(KERNEL_RUNS_java) $(KERNEL_RUNS_js)
conformance-kernel: $(KERNEL_RUNS) $(KERNEL_RUNS_java) $(KERNEL_RUNS_js) ## the suite by every path of the runtimes, forced, also flushed to zero
$(KERNEL_RUNS): conformance-kernel-python-%: $(PYTHON_READY) kernel build/ftz.so
	$(PY) -m conformance run -- env RNNSPEC_KERNEL=$* $(ADAPTER_python)
	$(PY) -m conformance golden-run -- env RNNSPEC_KERNEL=$* $(ADAPTER_python)
	$(call flushed,run,env RNNSPEC_KERNEL=$* $(ADAPTER_python))
$(KERNEL_RUNS_js): conformance-kernel-js-%: $(PYTHON_READY) $(JS_READY) build/ftz.so
	$(PY) -m conformance run -- env RNNSPEC_KERNEL=$* $(ADAPTER_js)
	$(PY) -m conformance golden-run -- env RNNSPEC_KERNEL=$* $(ADAPTER_js)
	$(call flushed,run,env RNNSPEC_KERNEL=$* $(ADAPTER_js))
$(KERNEL_RUNS_java): conformance-kernel-java-%: $(PYTHON_READY) $(JAVA_READY) build/ftz.so
	$(PY) -m conformance run -- env RNNSPEC_KERNEL=$* $(ADAPTER_java_kernel)
	$(PY) -m conformance golden-run -- env RNNSPEC_KERNEL=$* $(ADAPTER_java_kernel)
	$(call flushed,run,env RNNSPEC_KERNEL=$* $(ADAPTER_java_kernel))

.PHONY: golden $(addprefix golden-,$(RUNTIMES))
golden: $(addprefix golden-,$(RUNTIMES)) ## 1,000 steps of the shipped net in every way, also flushed to zero: one SHA-256
golden-python: $(PYTHON_READY)
golden-js: $(PYTHON_READY) $(JS_READY)
golden-java: $(PYTHON_READY) $(JAVA_READY)
$(addprefix golden-,$(RUNTIMES)): golden-%: build/ftz.so
	$(PY) -m conformance golden-run -- $(ADAPTER_$*)
	$(call flushed,golden-run,$(ADAPTER_$*))

.PHONY: accuracy
accuracy: $(PYTHON_READY) ## the shipped net against float64 and against PyTorch's own distance
	$(PY) examples/austen/accuracy.py

.PHONY: models
models: setup ## import the real models in RNNSPEC_MODELS (default ../shared/models), if they are there, and run them in three languages
	$(PY) tools/models.py "python=$(ADAPTER_python)" "js=$(ADAPTER_js)" "java=$(ADAPTER_java)"

.PHONY: resume
resume: setup ## save the shipped net's state after 500 steps in each language, go on from it in each: the same bits
	$(PY) tools/resume.py $(foreach name,$(RUNTIMES),"$(name)=$(ADAPTER_$(name))")

.PHONY: fuzz
COUNT ?= 2000
SEED ?= 1
fuzz: setup ## damaged documents to the oracle's reader and all three: COUNT=2000 SEED=1
	$(PY) -m conformance fuzz --count $(COUNT) --seed $(SEED) --adapter "$(ADAPTER_python)" \
	  --adapter "$(ADAPTER_js)" --adapter "$(ADAPTER_java)"

# Random nets. ORACLE=10: the scalar oracle answers every tenth, 1 is all; TRUTH=10: true values of every tenth;
# FTZ=1: the adapters flush subnormal numbers to zero (conformance/ftz), the oracles never do.
.PHONY: soak
N ?=
ORACLE ?= 10
TRUTH ?= 10
FTZ ?=
LANES ?= 2
soak_with = $(if $(FTZ),env LD_PRELOAD=$(CURDIR)/build/ftz.so )$(ADAPTER_$(1))
soak: setup $(if $(FTZ),build/ftz.so) ## random nets to all three and the oracles: without end, or N=10000; SEED=1 ORACLE=10 TRUTH=10 FTZ=1
	@$(PY) -m conformance soak $(addprefix --count ,$(N)) --seed $(SEED) --oracle $(ORACLE) --truth $(TRUTH) \
	  --jobs $(LANES) $(foreach name,$(RUNTIMES),--adapter "$(call soak_with,$(name))")

# A taste of the soak for CI.
.PHONY: soak-short
soak-short: setup
	@$(MAKE) --no-print-directory soak N=200

.PHONY: coverage
coverage: $(PYTHON_READY) ## every requirement of SPEC.md and every code has a conformance case
	$(PY) -m conformance check

.PHONY: readme
readme: setup ## run the code in README.md and compare its output
	$(PY) tools/readme.py

# The peers have an environment of their own, of about 6 GB on Linux: `make test` never needs it.
build/interop-venv/.ready: interop/requirements.txt
	$(PYTHON) -m venv build/interop-venv
	build/interop-venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.PHONY: interop
NETS ?= 34
interop: setup build/interop-venv/.ready bench/js/node_modules/.ready ## PyTorch, ONNX Runtime, Keras and TensorFlow.js: random nets, and the suite at `close`, into docs/interop.md, docs/peers.md and docs/roundtrips.md, in about 8 minutes: NETS=34 SEED=1
	PYTHONPATH=.:python/src build/interop-venv/bin/python -m interop --nets $(NETS) --seed $(SEED) \
	  --adapter "$(ADAPTER_js)" --adapter "$(ADAPTER_java)" --out docs/interop.md
	build/interop-venv/bin/python -m interop.peers --jobs 2 --out docs/peers.md
	PYTHONPATH=.:python/src build/interop-venv/bin/python -m interop.roundtrips --nets 100 --seed $(SEED) \
	  --adapter "$(ADAPTER_js)" --adapter "$(ADAPTER_java)" --out docs/roundtrips.md
	PYTHONPATH=.:python/src build/interop-venv/bin/python -m interop.examples
	PYTHONPATH=.:python/src build/interop-venv/bin/python -m interop.tensorflowjs --nets 100 --seed $(SEED)
	$(PY) -m interop.exports --nets 100 --seed $(SEED)

# Real nets of other people stand beside the project; without them the table has the shipped net alone.
RNNSPEC_MODELS ?= ../shared/models
DARWIN := $(wildcard $(RNNSPEC_MODELS)/ml5_charrnn_darwin)
build/darwin.rnn: $(PYTHON_READY) schema/issues.json # the version of the format
	mkdir -p build
	.venv/bin/rnnspec import $(DARWIN) --output $@

.PHONY: encodings
encodings: $(PYTHON_READY) $(if $(DARWIN),build/darwin.rnn) ## bytes and accuracy of every encoding, into docs/encodings.md
	$(PY) tools/encoding_table.py --out docs/encodings.md examples/austen/austen.rnn $(if $(DARWIN),build/darwin.rnn)

.PHONY: mirror
mirror: $(PYTHON_READY) ## the three runtimes have the same modules, importing only downwards
	$(PY) tools/mirror.py

.PHONY: sizes
sizes: setup ## what each runtime weighs, against its budget
	$(PY) tools/sizes.py

# Chromium is not fetched: CHROMIUM names another than /usr/bin/chromium.
BROWSER_READY := js/browser/node_modules/.ready
$(BROWSER_READY): js/browser/package.json js/browser/package-lock.json
	cd js/browser && npm ci --ignore-scripts
	touch $@

.PHONY: browser
browser: setup $(BROWSER_READY) ## the shipped net and the guide's amplifier in a real Chromium: page, Worker, AudioWorklet, with WebAssembly and without; pictures in build/browser
	node js/browser/main.js
	$(PY) tools/readme.py docs/guide/03-amplifier.md
	node js/browser/amp.js

# --- the kernel -----------------------------------------------------------------------------------
# One C source, one pinned compiler with an environment of its own (about 300 MB). Without it, or on a machine that
# it does not know, the runtimes take their plain paths, which give the same bits.

ZIG := build/kernel-venv/bin/python
KERNEL_READY := build/kernel-venv/.ready
KERNEL_SOURCES := $(wildcard kernel/*.c kernel/*.h) kernel/build.py kernel/proof.json
$(KERNEL_READY): kernel/requirements.txt
	$(PYTHON) -m venv build/kernel-venv
	$(ZIG) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

.PHONY: kernel
kernel: build/kernel/.ready ## build the native library for this machine, and js/src/kernel/wasm.js
build/kernel/.ready: $(KERNEL_READY) $(KERNEL_SOURCES)
	$(PYTHON) kernel/build.py all --zig $(ZIG)
	touch $@

.PHONY: kernel-check
kernel-check: build/kernel/.ready $(PYTHON_READY) ## wasm.js is what its sources give, proof.json what SPEC.md gives, and every level has the bits
	$(PYTHON) kernel/build.py check --zig $(ZIG)
	$(PY) kernel/proof.py --check
	$(PY) -m pytest kernel/tests

.PHONY: cpus
cpus: $(KERNEL_READY) ## the kernel on aarch64 and on old x86-64, emulated by qemu-user, which must be installed
	$(PYTHON) kernel/cpus.py --zig $(ZIG)

# --- how fast -------------------------------------------------------------------------------------
# The peers have an environment of their own, of about 6 GB on Linux. QUICK=1 is a taste, and changes nothing in docs/.

BENCH := build/bench-venv/bin/python
QUICK ?=
build/bench-venv/.ready: bench/requirements.txt
	$(PYTHON) -m venv build/bench-venv
	$(BENCH) -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

BENCH_JS_READY := bench/js/node_modules/.ready
$(BENCH_JS_READY): bench/js/package.json bench/js/package-lock.json
	cd bench/js && npm ci --ignore-scripts
	touch $@

BENCH_JAVA_READY := build/bench/java/.ready
$(BENCH_JAVA_READY): bench/java/pom.xml $(wildcard bench/java/src/main/java/rnnspec/bench/*.java) $(JAVA_READY)
	cd bench/java && $(MVN) -q compile dependency:build-classpath
	touch $@

.PHONY: bench-nets
bench-nets: $(PYTHON_READY) ## the nets of the benchmarks, into build/bench
	$(PY) -m bench.nets

.PHONY: bench bench-python bench-js bench-browser bench-java bench-page
bench: setup kernel bench-nets $(BENCH_JS_READY) $(BENCH_JAVA_READY) build/bench-venv/.ready ## every language against its peers, into bench/results and docs/speed.md, in about an hour: QUICK=1 for a taste
	$(BENCH) -m bench $(if $(QUICK),--quick)
bench-python: kernel bench-nets build/bench-venv/.ready ## the same for Python alone
	$(BENCH) -m bench python $(if $(QUICK),--quick)
bench-js: bench-nets $(BENCH_JS_READY) build/bench-venv/.ready ## the same for JavaScript in Node
	$(BENCH) -m bench js $(if $(QUICK),--quick)
bench-browser: bench-nets $(BENCH_JS_READY) build/bench-venv/.ready ## the same in Chromium: CHROMIUM=/usr/bin/chromium
	$(BENCH) -m bench browser $(if $(QUICK),--quick)
bench-java: bench-nets $(BENCH_JAVA_READY) build/bench-venv/.ready ## the same for Java
	$(BENCH) -m bench java $(if $(QUICK),--quick)
bench-page: build/bench-venv/.ready ## docs/speed.md and its charts again, from the records
	$(BENCH) -m bench --page

.PHONY: test-bench
test-bench: build/bench-venv/.ready $(JS_READY) $(BENCH_JS_READY) ## the tests of bench/ with those of its charts
	PYTHONPATH=.:python/src $(BENCH) -m pytest bench/tests
	cd bench/js && ../../js/node_modules/.bin/tsc -p tsconfig.json

# --- long work, and a taste of it in CI ----------------------------------------------------------------------------

# No fused multiply-add: the bits of the recipes are those of separate operations.
build/exhaustive: conformance/exhaustive/reference.c conformance/exhaustive/sha256.h
	mkdir -p build
	$(CC) -O3 -march=native -ffp-contract=off -fno-trapping-math -pthread $< -lquadmath -lm -o $@

.PHONY: mutants
mutants: $(PYTHON_READY) ## every mistake made in the oracles on purpose must fail a case; into docs/mutants.md
	$(PY) -m conformance mutants --jobs 2 --out docs/mutants.md

FUNCTIONS_python := $(PY) conformance/exhaustive/drivers/python_driver.py
FUNCTIONS_js := node conformance/exhaustive/drivers/js_driver.mjs
FUNCTIONS_java := java -cp java/target/classes conformance/exhaustive/drivers/JavaDriver.java
FUNCTIONS_vector := java --add-modules jdk.incubator.vector -cp java/target/classes:java/target/rnnspec-vector.jar \
	conformance/exhaustive/drivers/JavaDriver.java --vector

.PHONY: exhaustive
exhaustive: build/exhaustive setup kernel ## exp, log, tanh, sigmoid over all 2^32 inputs: errors, monotone, digests; then each runtime's own
	build/exhaustive | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_python) | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_js) | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_java) | $(PY) conformance/exhaustive/check.py
	$(PY) conformance/exhaustive/drivers/kernel_driver.py | $(PY) conformance/exhaustive/check.py
	$(PY) kernel/tests/test_stages.py
	$(FUNCTIONS_js) --kernel --functions tanh,sigmoid | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_vector) --functions exp,tanh,sigmoid | $(PY) conformance/exhaustive/check.py

# Chunk 62 shows a last-bit change of exp that 63 and 64 do not.
.PHONY: functions
functions: build/exhaustive setup ## the same over one of the 256 chunks
	build/exhaustive --digests-only --chunks 62-62 | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_python) --chunks 62-62 | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_js) --chunks 62-62 | $(PY) conformance/exhaustive/check.py
	$(FUNCTIONS_java) --chunks 62-62 | $(PY) conformance/exhaustive/check.py

# --- change things --------------------------------------------------------------------------------

.PHONY: format
format: setup ## format all sources and apply safe fixes
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix-only .
	cd js && npm run --silent format
	cd bench/js && ../../js/node_modules/.bin/biome check --write .
	cd examples/amp-web && ../../js/node_modules/.bin/biome check --write .
	cd java && $(MVN) -q spotless:apply
	cd bench/java && $(MVN) -q spotless:apply

.PHONY: codes
codes: $(PYTHON_READY) ## generate the codes of the three runtimes from schema/issues.json
	$(PY) tools/generate_codes.py

.PHONY: regenerate
regenerate: codes ## generate the codes and every conformance case
	$(PY) -m conformance generate

.PHONY: regenerate-check
regenerate-check: $(PYTHON_READY) ## the same, writing nothing: no byte may differ
	$(PY) tools/generate_codes.py --check
	$(PY) -m conformance generate --check
	$(PY) -m conformance spec-examples --check
	$(PY) -m conformance golden --check

.PHONY: clean
clean: ## remove everything that make setup and the builds made
	rm -rf .venv build python/src/rnnspec/_kernel js/node_modules bench/js/node_modules js/types java/target .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
