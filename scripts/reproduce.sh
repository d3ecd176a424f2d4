#!/usr/bin/env bash
# Builds twice, in folders of different names and lengths, and compares the binaries byte for byte.
#   reproduce.sh [--profile release|dev] [--packages "the_block cli"] [--seed TARGET_DIR [--with-test NAME]] [--source DIR]
#                [--work DIR]
# --seed: third-party crates are copied, compiled, from a target folder of this very lock file and profile; this workspace's
# own crates are built twice. Without it everything is, which takes an hour on two cores. A folder that `make test` filled has
# them with the features that tests bring; `--with-test architecture` asks for the same.
# Exit codes: 0 the same bytes, 1 they differ, and the sentence names the section, 2 usage.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"

usage() { echo "reproduce.sh: $*" >&2; exit 2; }

profile=release packages="the_block cli" seed="" work="" with_test="" root="$(dirname "$scripts")"
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || usage "$1 needs a value; see the head of this script"
  case "$1" in
    --profile) profile="$2" ;;
    --packages) packages="$2" ;;
    --seed) seed="$2" ;;
    --source) root="$2" ;;
    --with-test) with_test="$2" ;;
    --work) work="$2" ;;
    *) usage "unknown option '$1'; see the head of this script" ;;
  esac
  shift 2
done
case "$profile" in
  release) folder=release ;;
  dev) folder=debug ;;
  *) usage "there is no profile '$profile'; say release or dev" ;;
esac
[ -z "$seed" ] || [ -d "$seed/$folder/deps" ] || usage "$seed holds no build of profile $profile"
[ -z "$work" ] || mkdir -p "$work"
work="$(mktemp -d "${work:-${TMPDIR:-/tmp}}/reproduce-XXXXXX")"
trap 'rm -rf "$work"' EXIT

# The tree as it is, without what git ignores; all of it, where there is no git.
copy_source() {
  mkdir -p "$1"
  if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - --ignore-failed-read)
  else
    tar -C "$root" --exclude=./target -cf - .
  fi | tar -C "$1" -xf -
}

# Third-party crates of the seed: everything but what this workspace's own packages and targets left there.
copy_seed() {
  mkdir -p "$1/$folder"
  (cd "$root" && cargo metadata --locked --no-deps --format-version 1) | python3 -c '
import json, sys
digest = "-" + "[0-9a-f]" * 16 + "*"
for package in json.load(sys.stdin)["packages"]:
    for folder in (".fingerprint", "build"):
        print(folder + "/" + package["name"] + digest)
    for target in package["targets"]:
        if target["kind"] != ["custom-build"]:
            prefix = "" if set(target["kind"]) & {"bin", "test", "bench", "example"} else "lib"
            print("deps/" + prefix + target["name"].replace("-", "_") + digest)
' >"$1/ours"
  tar -C "$seed/$folder" --exclude-from="$1/ours" -cf - .fingerprint build deps | tar -C "$1/$folder" -xf -
}

build() {
  local place="$1" options=()
  if [ -n "$seed" ]; then
    copy_seed "$place/target"
    options=(--seeded)
  fi
  [ -z "$with_test" ] || options+=(--with-test "$with_test")
  "$scripts/build_release.sh" --source "$place/source" --target-dir "$place/target" --out "$place" \
    --profile "$profile" --packages "$packages" "${options[@]}"
  rm -rf "$place/target" "$place/source"
}

first="$work/first" second="$work/second/in-a-folder/of-another-length"
# Both before either is built: the tree may be worked on meanwhile.
copy_source "$first/source"
mkdir -p "$second"
cp -R "$first/source" "$second/source"
build "$first"
build "$second"
for binary in "$first"/*; do
  python3 -m provenance.compare "$binary" "$second/${binary##*/}"
done
echo "the two builds are the same"
