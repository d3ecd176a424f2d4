# The commands of this repository. `make demo` and `make test` work from a fresh clone.

.PHONY: demo test check bench bless deny setup
.DEFAULT_GOAL := check

# Starts a network of four, walks one release from signature to installed, and keeps running; ONCE=1 ends after the walk.
demo: setup
	ONCE=$(ONCE) scripts/demo.sh

# Everything: format, lints, unit, law, golden and journey tests, and the examples in the documentation.
test:
	scripts/setup.sh test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	scripts/run-tests.sh
	cargo test --workspace --doc

# The fast part of `test`.
check: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --lib

# Measurements, each beside its floor; results belong into docs/benchmarks.md with the machine and the date.
# The same profile as everything else: what is measured is what is tested, and RocksDB is not built again.
bench: setup
	scripts/setup.sh test
	cargo build --workspace --bins
	cargo bench --profile dev --workspace --bench '*' $(ARGS)

# Rewrites the golden files from what the code does now; read the difference before committing it.
bless: setup
	BLESS=1 cargo test --workspace --lib --tests golden
	BLESS=1 cargo test --workspace --test views

# Licences, advisories and duplicates of the dependencies.
deny:
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny --workspace check

# Installs what building needs, or says how.
setup:
	@scripts/setup.sh
