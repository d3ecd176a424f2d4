#!/usr/bin/env bash
# What cargo runs in place of rustc (RUSTC_WRAPPER) in a release build: the same compiler, with the places of this machine
# replaced by fixed names. Unlike RUSTFLAGS, a wrapper is no part of what cargo names and remembers builds by: two folders
# give the same names, and a target folder that was filled without it stays valid.
set -euo pipefail
compiler="$1"
shift
# The last one that matches counts, so the widest comes first.
exec "$compiler" "$@" \
  "--remap-path-prefix=$TB_CARGO_HOME=/cargo" \
  "--remap-path-prefix=$TB_STANDARD_LIBRARY=/rustc" \
  "--remap-path-prefix=$TB_SOURCE=/the-block" \
  "--remap-path-prefix=$TB_TARGET=/target"
