# Each target sets up .venv by itself. PYTHON picks the interpreter (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
PIP := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip --disable-pip-version-check
BUILD := build/$(shell $(PYTHON) -c 'import sys; print(sys.implementation.cache_tag)' 2>/dev/null)
NAME_SET := -c 'import nonlin; print(nonlin.instruction_set())'
OF_KERNELS := tests/kernels tests/test_threads.py tests/prove/test_formulas.py
CPP := $(wildcard kernels/*/*.?pp kernels/*/*/*.?pp tools/*/*.?pp)

.PHONY: study study-stability bench bench-doctor bench-explorer bench-ops bench-scale certify \
    certify-arm64 compilers portability prove sanitize theory encyclopaedia docs dependencies wheel \
    sdist test check format clean help

help:
	@echo "make study    measure the document's claims; the report is study/index.html"
	@echo "make study-stability  measure it with other roundings and seeds; the page is docs/study-stability.md"
	@echo "make bench    measure the speed beside other libraries; the page is docs/performance.md"
	@echo "make bench-explorer   time the explorer; the page is docs/explorer-performance.md"
	@echo "make bench-ops   time the operators beside PyTorch's; the page is docs/torch-performance.md"
	@echo "make bench-scale      measure what the study's units cost; the page is docs/scale.md"
	@echo "make bench-doctor     test the doctor on planted faults; the page is docs/doctor.md"
	@echo "make certify  measure the accuracy over every input; the page is docs/accuracy.md"
	@echo "make certify-arm64    compare the results with those of arm64, emulated"
	@echo "make compilers    compare GCC's bits with Clang's and arm64's on a reduced set"
	@echo "make portability  compile for macOS, Windows, arm64 and musl with zig's compilers"
	@echo "make sanitize     run the kernels' tests under the address, undefined and thread sanitizers"
	@echo "make prove    prove float64's bounds with Gappa; docs/accuracy.md says which"
	@echo "make theory   measure random networks beside the theory; the page is docs/theory.md"
	@echo "make encyclopaedia    prove and ship every function's facts; the page is docs/activations.md"
	@echo "make docs     build the site in both languages; it is build/docs/html/index.html"
	@echo "make dependencies     write down what each package is for; the page is docs/dependencies.md"
	@echo "make wheel    build the wheel, audit it and test it in empty environments"
	@echo "make sdist    make the source distribution, build from it and test that"
	@echo "make test     linters, types and the whole test suite"
	@echo "make check    linters and types alone"
	@echo "make format   lay the sources out"
	@echo "make clean    remove what these made"

study: .venv/study
	$(BIN)/nonlin study --out study

# For example STABILITY=--quick, a check at small sizes that leaves the page as it is; it goes on
# where it stopped.
study-stability: .venv/study
	PYTHONPATH=benchmarks nice $(BIN)/python -m stability $(STABILITY)

# For example BENCH=--quick, a check in two minutes that leaves the page as it is.
bench: .venv/bench
	PYTHONPATH=benchmarks:tests $(BIN)/python -m speed $(BENCH)

# The slider and the first page are timed in Chromium. EXPLORER=--page writes the pages anew from the
# numbers beside them.
bench-explorer: .venv/test
	PYTHONPATH=benchmarks $(BIN)/python -m explorer $(EXPLORER)

# For example OPS=--quick, a check that leaves the page as it is, or OPS=--page, which writes the page
# anew from the times beside it; it goes on where it stopped.
bench-ops: .venv/test
	PYTHONPATH=benchmarks $(BIN)/python -m ops $(OPS)

# For example SCALE=--quick, a check at small sizes that leaves the pages as they are, or SCALE=--page,
# which writes them anew from what was measured; it goes on where it stopped.
bench-scale: .venv/study
	PYTHONPATH=benchmarks nice $(BIN)/python -m scale $(SCALE)

# For example DOCTOR=--quick, a check in two minutes that leaves the page as it is, or
# DOCTOR="--only A". DOCTOR=--final measures population D, once.
bench-doctor: .venv/test
	PYTHONPATH=benchmarks nice $(BIN)/python -m doctor $(DOCTOR)

# For example CERTIFY="--hours 2"; it goes on where it stopped. CERTIFY="--shard 1/8" measures a part
# on its own machine, and so do THEORY and DOCTOR.
certify: .venv/bench
	$(BIN)/python tools/certify/run.py $(CERTIFY)

# The same bits on arm64 as on x86-64, by cross-compilation and emulation.
certify-arm64: .venv/test
	$(BIN)/python tools/portability/bits.py

# What needs Clang, or a cross-compiler for arm64 and qemu, is left out with a line where they are
# not installed.
compilers: .venv/test
	$(BIN)/python tools/portability/compilers.py

# For example PORTABILITY=musl.
portability: .venv/portability
	$(BIN)/python tools/portability/systems.py $(PORTABILITY)

# For example SANITIZE="-k overlap".
sanitize: .venv/test
	$(BIN)/python tools/portability/sanitize.py $(SANITIZE)

# Every bound that docs/accuracy.md calls proved. For example PROVE=--quick, a check in a minute that
# leaves the page as it is. It needs Gappa, and says so where that is missing.
prove: .venv/test
	$(BIN)/python tools/prove/run.py $(PROVE)

# For example THEORY=--quick, a check in two minutes that leaves the page as it is.
theory: .venv/study
	PYTHONPATH=benchmarks nice $(BIN)/python -m theory $(THEORY)

encyclopaedia: .venv/study
	$(BIN)/python tools/encyclopaedia.py

# For example DOCS=--no-run, which leaves the cells' outputs out.
docs: .venv/docs
	PYTHONPATH=tools $(BIN)/python -m pages $(DOCS)

# Every package is installed for it, to take its size.
dependencies: .venv/bench .venv/docs .venv/portability .venv/release .venv/test
	$(BIN)/python tools/dependencies.py

wheel sdist: .venv/release
	$(BIN)/python tools/release/package.py $@

# Two workers, a thread each: OpenMP's threads wait for one another busily, which on a machine that
# has other work to do takes many times as long as one of them alone.
test: export OMP_NUM_THREADS := 1
# The whole suite runs with the widest instruction set that this processor has; before it, what is
# about the kernels runs with each of the others, and compilers are compared. The first line of each
# run says which one it is.
test: check compilers
	@ran=""; for set in v2 v3; do \
	    had=$$(NONLIN_INSTRUCTION_SET=$$set $(BIN)/python $(NAME_SET)) || exit 1; \
	    if [ $$had != $$set ] || [ $$set = $$($(BIN)/python $(NAME_SET)) ]; then continue; fi; \
	    echo "tests/kernels and tests/test_threads.py with the instruction set $$set:"; \
	    NONLIN_INSTRUCTION_SET=$$set $(BIN)/python -m pytest -n 2 $(OF_KERNELS) || exit 1; \
	    ran="$$ran $$set"; \
	done; \
	echo "Passed with$${ran:- no narrower instruction set}; now everything with" \
	    "$$($(BIN)/python $(NAME_SET)), the widest here:"
	$(BIN)/python -m pytest -n 2

check: .venv/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/clang-format --dry-run -Werror $(CPP)
	$(BIN)/mypy

format: .venv/test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(CPP)

clean:
	rm -rf .venv build study

# The extension is built in place and rebuilds itself when a kernel changes, so meson and ninja
# stay in the environment.
.venv/tools: constraints.txt pyproject.toml meson.build
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "nonlin needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1)." \
	    "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install meson-python meson ninja numpy
	@touch $@

# The explorer comes with the study: what one looks at next.
.venv/study: EXTRAS = study,explore
.venv/bench .venv/docs .venv/portability .venv/release .venv/test: EXTRAS = $(@F)
.venv/study .venv/bench .venv/docs .venv/portability .venv/release .venv/test: .venv/tools
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PIP) install --no-build-isolation \
	    --config-settings=build-dir=$(BUILD) --editable '.[$(EXTRAS)]'
	@touch $@
