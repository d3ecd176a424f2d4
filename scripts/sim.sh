#!/usr/bin/env bash
# Plays each of the simulations on its default seeds: sim.sh [OPTION]..., where options are those that all of them have, such as
# --seeds 1000. Ends with the first that breaks a property (1), or in which something that must happen sometimes never does; what it
# says then shows it again. SECONDS_EACH (600) is how long one may take.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --workspace --bins
programs="${CARGO_TARGET_DIR:-target}/debug"
most="${SECONDS_EACH:-600}"

for program in release_signers lagging_release governance consensus rollouts; do
  began="$SECONDS" code=0
  timeout "$most" "$programs/$program" --require-sometimes "$@" || code=$?
  printf '\n%s: %s s\n\n' "$program" "$((SECONDS - began))"
  if [ "$code" = 124 ]; then
    echo "sim.sh: $program was not done in $most seconds; give it longer with SECONDS_EACH, or fewer --seeds" >&2
  fi
  [ "$code" = 0 ] || exit "$code"
done
