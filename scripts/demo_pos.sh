#!/usr/bin/env bash
# Builds the product and has a shop go through its day, with its flags asked by OpenFeature's own providers: see tests/src/bin/demo_pos.rs, which
# tells each step.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "building (the first time takes about 25 minutes on two cores: RocksDB is compiled once)"
cargo build --workspace --bins
exec "${CARGO_TARGET_DIR:-target}/debug/demo_pos"
