#!/usr/bin/env bash
# Builds the binaries of a release such that another machine gets the same bytes: the one place with the flags for that.
#   build_release.sh --out DIR [--source DIR] [--target-dir DIR] [--profile release|dev] [--packages "the_block cli"]
#                    [--seeded] [--with-test NAME]
# What decides the bytes: the source, Cargo.lock, the pinned toolchain, the C++ compiler and its library. What does not: where
# source, target and CARGO_HOME lie, the time, the language, the user's environment. What could besides, is refused: a
# configuration of cargo outside of the source that says more than how crates are fetched.
# --seeded: third-party crates are already in the target folder; what would build them again (flags for C++, the time) stays away.
# --with-test: builds this test, too, so that cargo takes the features that tests bring, as `make test` does.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"
# shellcheck source=scripts/provenance/variables.sh
. "$scripts/provenance/variables.sh"

usage() { echo "build_release.sh: $*" >&2; exit 2; }

out="" source="$(dirname "$scripts")" target="" profile=release packages="the_block cli" seeded="" with_test=""
while [ $# -gt 0 ]; do
  case "$1" in
    --seeded) seeded=yes; shift; continue ;;
    --out | --source | --target-dir | --profile | --packages | --with-test) [ $# -gt 1 ] || usage "$1 needs a value" ;;
    *) usage "unknown option '$1'; see the head of this script" ;;
  esac
  case "$1" in
    --out) out="$2" ;;
    --source) source="$2" ;;
    --target-dir) target="$2" ;;
    --profile) profile="$2" ;;
    --packages) packages="$2" ;;
    --with-test) with_test="$2" ;;
  esac
  shift 2
done
[ -n "$out" ] || usage "--out DIR is missing"
case "$profile" in
  release) folder=release ;;
  dev) folder=debug ;;
  *) usage "there is no profile '$profile'; say release or dev" ;;
esac
source="$(cd "$source" && pwd -P)"
mkdir -p "${target:=$out/target}"
target="$(cd "$target" && pwd -P)"
mkdir -p "$CARGO_HOME"
cargo_home="$(cd "$CARGO_HOME" && pwd -P)"
export CARGO_HOME="$cargo_home"
python3 -m provenance.surroundings "$source" "$cargo_home"

# Runs a program in the source, which may be anybody's: nothing of the caller's environment reaches it but where things are.
confined() { (cd "$source" && "$scripts/confined.sh" "$@"); }

# The binaries of the packages; built with the features of the whole workspace, as they are tested.
binaries="$(confined cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
wanted = sys.argv[1].split()
packages = {package["name"]: package for package in json.load(sys.stdin)["packages"]}
for name in wanted:
    if name not in packages:
        sys.exit(f"build_release.sh: there is no package {name}")
    for target in packages[name]["targets"]:
        if "bin" in target["kind"]:
            print(target["name"])
' "$packages")"
selection=()
for binary in $binaries; do selection+=(--bin "$binary"); done
[ -z "$with_test" ] || selection+=(--test "$with_test")

environment=(CARGO_INCREMENTAL=0 "CARGO_TARGET_DIR=$target")
environment+=("RUSTC_WRAPPER=$scripts/remap_paths.sh" "TB_SOURCE=$source" "TB_TARGET=$target" "TB_CARGO_HOME=$cargo_home")
environment+=("TB_STANDARD_LIBRARY=$(confined rustc --print sysroot)/lib/rustlib/src/rust")
if [ -z "$seeded" ]; then
  flags="-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$source=/the-block -ffile-prefix-map=$target=/target"
  environment+=("CFLAGS=$flags" "CXXFLAGS=$flags" "SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}")
fi

# What is fetched runs nothing yet; what is built no longer needs the network, nor what the network is reached by.
machine="$(confined rustc -vV | sed -n 's/^host: //p')"
confined --network cargo fetch --locked --target "$machine"
confined env "${environment[@]}" cargo build --frozen --workspace "${selection[@]}" --profile "$profile"
for binary in $binaries; do cp "$target/$folder/$binary" "$out/$binary"; done
