#!/usr/bin/env bash
# Gives the decoders that strangers reach whatever libFuzzer makes up: fuzz.sh [SECONDS [TARGET..]], each for so many seconds,
# JOBS=N of them side by side (one).
# Prints the runs, the coverage and the crashes of each, and exits with 1 when there was one; the input is kept then, and
# `fuzz.sh repeat TARGET FILE` gives it to the target again. What was found worth keeping is where the next run begins.
set -euo pipefail
cd "$(dirname "$0")/.."

# tests/decoders has the same bound.
longest=65536
cache="${XDG_CACHE_HOME:-$HOME/.cache}/the-block"
built="${CARGO_TARGET_DIR:-$PWD/fuzz/target}"
machine="$(rustc -vV | sed -n 's/^host: //p')"
export PATH="$PATH:$cache/tools/bin"
# Memory that is lost is nobody's to take in safe Rust, and looking for it needs rights that containers lack.
export ASAN_OPTIONS="detect_leaks=0:detect_odr_violation=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

fail() { printf 'fuzz: %s\n' "$*" >&2; exit 1; }

# The pinned compiler has the address sanitizer behind a door for nightly ones; SANITIZER=none does without, and then nothing
# bounds what is asked for at once. The flag is given here, because versions of cargo-fuzz differ in how they spell it. What
# runs is what ships: no crate is told that it is fuzzed, because some check less then.
build() {
  local flags="-Cdebuginfo=line-tables-only"
  [ "${SANITIZER:-address}" = none ] || flags+=" -Zsanitizer=${SANITIZER:-address}"
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="${RUSTFLAGS:+$RUSTFLAGS }$flags" cargo fuzz build --sanitizer none --no-cfg-fuzzing \
    --strip-dead-code --target "$machine" --target-dir "$built" "$@"
}

program() { printf '%s/%s/release/%s' "$built" "$machine" "$1"; }

# The most memory that one input may ask for at once, in MiB: a chunk of a snapshot may have 64.
most_at_once() { [ "$1" = snapshot ] && echo 80 || echo 16; }

bounds() {
  printf -- '-max_len=%s -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=%s' "$longest" "$(most_at_once "$1")"
}

# Fuzzes one target and prints its line; fails when it crashed.
run() {
  local target="$1" seconds="$2"
  local kept="fuzz/artifacts/$target" log="fuzz/artifacts/$target.log" ended=0
  mkdir -p "$kept" "fuzz/corpus/$target"
  # shellcheck disable=SC2046 # they are several arguments
  "$(program "$target")" $(bounds "$target") "-max_total_time=$seconds" -print_final_stats=1 "-artifact_prefix=$kept/" \
    "fuzz/corpus/$target" "fuzz/seeds/$target" >"$log" 2>&1 || ended=$?
  local runs coverage crashes
  runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)"
  coverage="$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2 || true)"
  crashes="$(sed -n 's/.*Test unit written to //p' "$log" | grep -v '/slow-unit-' || true)"
  printf '%-18s %10s runs %7s edges covered %3s crashes\n' "$target" "${runs:-no}" "${coverage:-no}" \
    "$(grep -c . <<<"$crashes" || true)"
  [ "$ended" != 0 ] || return 0
  grep -A 2 'panicked at\|^SUMMARY\|ERROR: ' "$log" | head -n 12 | sed 's/^/    /' || true
  if [ -z "$crashes" ]; then
    printf '    it ended with %s and kept no input; see %s\n' "$ended" "$log"
  fi
  local crash
  for crash in $crashes; do
    printf '    kept in %s (log: %s); again: scripts/fuzz.sh repeat %s %s\n' "$crash" "$log" "$target" "$crash"
  done
  return 1
}

has_target() { grep -qxF "name = \"$1\"" <(grep -A 1 -xF '[[bin]]' fuzz/Cargo.toml); }

if [ "${1:-}" = repeat ]; then
  [ $# = 3 ] || fail "say what to repeat: fuzz.sh repeat TARGET FILE"
  has_target "$2" || fail "there is no target $2; fuzz/Cargo.toml lists them"
  build "$2"
  # shellcheck disable=SC2046
  exec "$(program "$2")" $(bounds "$2") "$3"
fi

seconds="${1:-60}"
[[ "$seconds" =~ ^[1-9][0-9]*$ ]] || fail "'$seconds' is no number of seconds"
shift || true
jobs="${JOBS:-1}"
[[ "$jobs" =~ ^[1-9][0-9]*$ ]] || fail "JOBS is '$jobs' and no number of targets to run side by side"
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  mapfile -t targets < <(grep -A 1 -xF '[[bin]]' fuzz/Cargo.toml | sed -n 's/^name = "\(.*\)"$/\1/p')
  build
else
  for target in "${targets[@]}"; do
    has_target "$target" || fail "there is no target $target; fuzz/Cargo.toml lists them"
    build "$target"
  done
fi

# Which target each process that runs is for.
declare -A of=()
crashed=()

# Waits for whichever ends first.
reap() {
  local ended pid
  wait -n -p pid && ended=0 || ended=$?
  [ "$ended" = 0 ] || crashed+=("${of[$pid]}")
  unset "of[$pid]"
}

for target in "${targets[@]}"; do
  [ ${#of[@]} -lt "$jobs" ] || reap
  run "$target" "$seconds" &
  of[$!]="$target"
done
while [ ${#of[@]} -gt 0 ]; do reap; done
[ ${#crashed[@]} = 0 ] || fail "crashed: ${crashed[*]}"
