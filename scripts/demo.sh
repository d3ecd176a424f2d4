#!/usr/bin/env bash
# Builds the product and shows a job of it: `demo` that of releases, `demo_rollout` that of a council, `demo_pos` that of a shop. See the
# programs of these names in tests/src/bin, which tell each step.
set -euo pipefail
cd "$(dirname "$0")/.."
demo="$1"
echo "building (the first time takes about half an hour on two cores: RocksDB is compiled once)"
# What it starts and no more; for the whole workspace, so that dependencies have the features that everything else is built with.
cargo build --workspace --bin the-block --bin contract --bin the-block-explorer --bin "$demo"
exec "${CARGO_TARGET_DIR:-target}/debug/$demo"
