#!/usr/bin/env bash
# Rehearses the rollback of a release on a throwaway network: see docs/operations/rollbacks/README.md.
# Writes rollback_drill.json and rollback_drill.md into the folder named, and exits with 1 when a step differs.
set -euo pipefail
cd "$(dirname "$0")/.."
out="${1:-rollback_drill}"
cargo build --workspace --bins
exec "${CARGO_TARGET_DIR:-target}/debug/rollback_drill" "$out"
