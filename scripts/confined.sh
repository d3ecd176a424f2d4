#!/usr/bin/env bash
# Runs a program of somebody's tree, or one that reads it, as whoever has nothing: in an environment made from nothing, with an
# empty folder as its home.
#   confined.sh [--network] COMMAND [ARGUMENT ..]
# --network: it also gets what the network is reached by, which may hold a password of a proxy; for what fetches, and runs nothing.
# The exit code is the command's.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/variables.sh
. "$scripts/provenance/variables.sh"

keep "${places[@]}"
if [ "${1:-}" = --network ]; then
  keep "${places[@]}" "${network[@]}"
  shift
fi
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
env -i "${kept[@]}" "HOME=$home" LC_ALL=C TZ=UTC "$@"
