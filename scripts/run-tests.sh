#!/usr/bin/env bash
# Runs the workspace's tests with cargo-nextest, or with cargo alone where that is not installed.
# `--workspace` stands in every command: without it cargo chooses other features and builds the dependencies again.
set -euo pipefail
cd "$(dirname "$0")/.."

# What journeys start, and the tools that setup.sh put beside the system's.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/the-block"
export PATH="$PATH:$cache/tools/bin"
export TB_TEST_PYTHON="${TB_TEST_PYTHON:-$cache/venv/bin/python}"
cargo build --workspace --bins --tests

if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --profile ci "$@"
else
  [ $# = 0 ] || { echo "run-tests.sh: a selection needs cargo-nextest: cargo install cargo-nextest --locked" >&2; exit 1; }
  cargo test --workspace --lib --bins --test '[!j]*'
  # Each journey starts several nodes, and waits for blocks most of its time.
  cargo test --workspace --test journeys -- --test-threads=2
fi
