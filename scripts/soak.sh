#!/usr/bin/env bash
# Kills validators of a network of four at random moments, while transfers go on: soak.sh [TIMES [SEED]].
# Prints its seed, which draws the same moments again, and exits with 1 when somebody does not come back by itself, or has anything
# else than was decided or confirmed; the homes stay then.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --workspace --bins
exec "${CARGO_TARGET_DIR:-target}/debug/soak" "${1:-100}" ${2:+"$2"}
