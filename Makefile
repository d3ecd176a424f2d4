# The commands of this repository. `make demo` and `make test` work from a fresh clone.

.PHONY: demo demo-rollout demo-pos test check bench bench-peers fuzz soak sim bless deny drill setup
.DEFAULT_GOAL := check

# Starts a network of four, walks one release from signature to installed, and keeps running; ONCE=1 ends after the walk.
demo: setup
	ONCE=$(ONCE) scripts/demo.sh demo

# Starts a network of four that one of them seals, has a council promote it to a quorum on evidence, and shows what happens around that: an
# emergency, a lapse, a pause, and what the stake stops; in about four minutes. Keeps running; ONCE=1 ends after the walk. With
# STAGE=mainnet it goes on over canary to mainnet instead, in about seven minutes: who is paid, who witnesses, and what a pruned node proves.
demo-rollout: setup
	ONCE=$(ONCE) STAGE=$(STAGE) scripts/demo.sh demo_rollout

# Starts a network of two and has a shop with two tenants go through its day under a plan of its own: its flags are asked by OpenFeature's
# providers for Node, Python and, where there is Chromium, pages; in about three minutes. Keeps running; ONCE=1 ends after the walk.
demo-pos:
	scripts/setup.sh test
	ONCE=$(ONCE) scripts/demo.sh demo_pos

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

# Measurements, each beside its floor; results belong into docs/benchmarks.md with the machine and the date. With QUICK=1 there are fewer
# samples of smaller states, within ten minutes once everything is built: to see that nothing moved, not to be quoted.
# The same profile as everything else: what is measured is what is tested, and RocksDB is not built again.
# Programs and benches are built together: alone, programs have other features, and all crates would be compiled twice.
bench: setup
	scripts/setup.sh bench
	cargo build --workspace --bins --bench '*'
	$(if $(QUICK),QUICK=1 KEYS=100000 BLOCKS=20 SEEDS=5) cargo bench --profile dev --workspace --bench '*' $(ARGS)

# What a flag costs beside other engines, in one run, after counting that no answer takes memory. It is a workspace of its own, which is
# compiled anew, optimised, in a few minutes.
bench-peers: setup
	cargo test --release --locked --manifest-path benches/peers/Cargo.toml
	cargo bench --locked --manifest-path benches/peers/Cargo.toml

# Gives each decoder that strangers reach whatever libFuzzer makes up, for TIME seconds; only some with TARGETS="ticket block", as
# many side by side as JOBS says.
# The first time it compiles everything anew for that, in half an hour or more.
fuzz: setup
	scripts/setup.sh fuzz
	scripts/fuzz.sh $(or $(TIME),60) $(TARGETS)

# Kills validators of a network of four, TIMES times at random moments, while transfers go on: all come back by themselves, and
# nothing that was decided or confirmed is lost. Prints its seed; the same moments again with SEED.
soak: setup
	scripts/soak.sh $(or $(TIMES),100) $(SEED)

# Plays each simulation on fixed seeds, in minutes, and fails on a broken property: docs/simulation.md. More of them with ARGS="--seeds 1000".
sim: setup
	scripts/sim.sh $(ARGS)

# Rewrites the golden files, and the seeds of the fuzzer, from what the code does now; read the difference before committing it.
bless: setup
	BLESS=1 cargo test --workspace --lib --tests golden
	BLESS=1 cargo test --workspace --test golden --test '*views' --test seeds
	cargo build --workspace --bins
	BLESS=1 cargo test --workspace --test documents
	BLESS=1 cargo test --workspace --test journeys journey_mistakes

# Rehearses the rollback of a release on a throwaway network; OUT is the folder of the report.
drill: setup
	scripts/rollback_drill.sh $(or $(OUT),rollback_drill)

# Licences, advisories and duplicates of the dependencies.
deny:
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny --workspace check

.PHONY: dependency-baseline provenance reproduce
# The dependencies that releases are held to (scripts/verify_release.sh); review the difference before committing it.
dependency-baseline:
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=scripts python3 -m provenance.baseline

# Builds and describes the release of a tag: make provenance TAG=v1.0.0; scripts/sign_release.sh signs it, where the keys are.
provenance:
	scripts/setup.sh test
	scripts/release_provenance.sh $(TAG) $(ARGS)

# Builds this tree twice and compares the binaries; with ARGS="--profile dev --seed target --with-test architecture"
# third-party crates are taken as `make test` compiled them.
reproduce: setup
	scripts/reproduce.sh $(ARGS)

.PHONY: package boot-package image
# The Debian package of node, wallet and explorer, of release binaries; OUT is the folder it goes to. Those that are built and signed
# already: make package ARGS="--binaries DIR".
package:
	scripts/setup.sh package
	scripts/package.sh --out $(or $(OUT),target/debian) $(ARGS)

# Tries a package in a Debian of its own whose systemd is booted, as root: make boot-package PACKAGE=FILE; without it, makes one first.
boot-package:
	scripts/setup.sh boot
	scripts/boot_package.sh $(or $(PACKAGE),"$$(scripts/package.sh --out target/debian --fast)") $(ARGS)

# The container image, of what deploy/images.env names by digest; `scripts/image.sh pin` writes that file, where registries are reached.
image:
	scripts/image.sh build $(ARGS)

# Installs what building needs, or says how.
setup:
	@scripts/setup.sh
