# `make test` is what CI runs, and all that CI runs.

# `make playground` is the way in for whoever wants to see it work.

.PHONY: playground test tools format lint codegen check bench fuzz soak dist

test: tools format lint codegen check

# Two sources, a target, and a session between them; what is missing for that is installed first.
playground:
	@.ci/playground
	cargo build --release --locked
	@target="$${CARGO_TARGET_DIR:-target}"; exec "$$target/release/dmctl" playground $(ARGS)

# What the tests need beside cargo. Whoever may install packages gets what is missing; the tests skip, and say so, what can't be had.
tools:
	@.ci/tools

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --locked -- -D warnings

# The generated wire code, and the picture of the README, must be what their sources give.
codegen:
	cargo xtask codegen --check
	cargo xtask picture --check

# Without backtraces, what failed and why stand together at the end.
check:
	RUST_BACKTRACE=0 cargo test --workspace --locked

# Prints ratios beside a peer, measured in the same run.
bench:
	cargo build --release --locked
	cargo bench --locked

# Each parser for a while: make fuzz SECONDS=600. Needs the nightly toolchain and cargo-fuzz.
SECONDS ?= 60
fuzz:
	@for target in $$(cargo +nightly fuzz list); do \
		cargo +nightly fuzz run $$target fuzz/seeds/$$target -- -max_total_time=$(SECONDS) || exit 1; \
	done

# The property tests, the kills in the middle of a copy, and planted corruptions, many times over:
# make soak CASES=100000 CRASHES=1000 CORRUPTIONS=1000.
CASES ?= 20000
CRASHES ?= 200
CORRUPTIONS ?= 1000
soak:
	PROPTEST_CASES=$(CASES) cargo test --release --locked --test it property
	CRASHES=$(CRASHES) cargo test --release --locked --test it crash
	CORRUPTIONS=$(CORRUPTIONS) cargo test --release --locked --test it verify

# An archive for any Linux and a Debian package, in target/dist, tried in empty folders. The same commit gives the same bytes.
dist:
	@.ci/dist
