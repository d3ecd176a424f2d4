#!/usr/bin/env bash
# Builds the product and promotes a network of four to a quorum, with STAGE=mainnet from there to mainnet: see
# tests/src/bin/demo_rollout.rs, which tells each step.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "building (the first time takes about 25 minutes on two cores: RocksDB is compiled once)"
cargo build --workspace --bins
exec "${CARGO_TARGET_DIR:-target}/debug/demo_rollout"
