#!/usr/bin/env bash
# Builds the binaries of a release such that another machine gets the same bytes: the one place with the flags for that.
#   build_release.sh --out DIR [--source DIR] [--target-dir DIR] [--profile release|dev] [--packages "the_block cli"]
#                    [--seeded] [--with-test NAME]
# What decides the bytes: the source, Cargo.lock, the pinned toolchain, the C++ compiler and its library. What does not: where
# source, target and CARGO_HOME lie, the time, the language, the user's environment.
# --seeded: third-party crates are already in the target folder; what would build them again (flags for C++, the time) stays away.
# --with-test: builds this test, too, so that cargo takes the features that tests bring, as `make test` does.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

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
cargo_home="$(cd "${CARGO_HOME:-$HOME/.cargo}" && pwd -P)"

# The binaries of the packages; built with the features of the whole workspace, as they are tested.
binaries="$(cd "$source" && cargo metadata --locked --no-deps --format-version 1 | python3 -c '
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

# Nothing of the caller's environment but where things are and how the network is reached.
environment=(LC_ALL=C TZ=UTC CARGO_INCREMENTAL=0 "CARGO_TARGET_DIR=$target" "CARGO_HOME=$cargo_home")
environment+=("RUSTC_WRAPPER=$scripts/remap_paths.sh" "TB_SOURCE=$source" "TB_TARGET=$target" "TB_CARGO_HOME=$cargo_home")
environment+=("TB_STANDARD_LIBRARY=$(cd "$source" && rustc --print sysroot)/lib/rustlib/src/rust")
for name in PATH HOME TMPDIR RUSTUP_HOME RUSTUP_TOOLCHAIN LIBCLANG_PATH CARGO_NET_OFFLINE CARGO_HTTP_CAINFO \
  SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [ -z "${!name:-}" ] || environment+=("$name=${!name}")
done
if [ -z "$seeded" ]; then
  flags="-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$source=/the-block -ffile-prefix-map=$target=/target"
  environment+=("CFLAGS=$flags" "CXXFLAGS=$flags" "SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}")
fi

(cd "$source" && env -i "${environment[@]}" cargo build --locked --workspace "${selection[@]}" --profile "$profile")
for binary in $binaries; do cp "$target/$folder/$binary" "$out/$binary"; done
