#!/usr/bin/env bash
# Makes the Debian package of node, wallet and explorer, as [package.metadata.deb] in node/Cargo.toml says.
#   package.sh --out DIR [--binaries DIR] [--fast]
# --binaries: packages the three programs that lie there, such as those of a signed release; without it, they are built as a release is.
# The programs go in as they are, to the byte: it is their hash that a chain approves. --fast compresses little, for a try.
#   package.sh --lay-out DIR --binaries DIR
# only puts into DIR what the package is made of besides the sources: programs, units, manual pages, completions.
set -euo pipefail
from="$PWD"
cd "$(dirname "$0")/.."

programs=(the-block contract the-block-explorer)

fail() { echo "package.sh: $*" >&2; exit "${code:-1}"; }
misused() { code=2 fail "$@"; }

out="" binaries="" stage="" more=()
while [ $# -gt 0 ]; do
  if [ "$1" = --fast ]; then
    more=(--fast)
    shift
    continue
  fi
  [ $# -gt 1 ] || misused "$1 needs a value; see the head of this script"
  # From where it was typed.
  path="$(cd "$from" && realpath -m "$2")"
  case "$1" in
    --out) out="$path" ;;
    --binaries) binaries="$path" ;;
    --lay-out) stage="$path" ;;
    *) misused "unknown option '$1'; see the head of this script" ;;
  esac
  shift 2
done
[ -n "$out$stage" ] || misused "--out DIR is missing"
[ -z "$out" ] || [ -z "$stage" ] || misused "--out and --lay-out exclude each other"
[ -z "$stage" ] || [ -n "$binaries" ] || misused "--lay-out needs --binaries DIR"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
: "${stage:=$work/target}"

# What `target/release` stands for in the list of the package.
lay_out() {
  local to="$stage/release" program
  mkdir -p "$to/package"/{units,man,bash,zsh,fish}
  for program in "${programs[@]}"; do
    [ -x "$binaries/$program" ] || fail "$binaries/$program is not there, or cannot be executed"
    install -m 0755 "$binaries/$program" "$to/$program"
  done
  # Where Debian has its programs; and without the words for those who copy them by hand.
  local unit
  for unit in deploy/*.service; do
    sed -e '/^\[Unit\]/,$!d' -e 's|/usr/local/bin/|/usr/bin/|g' "$unit" >"$to/package/units/${unit##*/}"
  done
  for program in the-block contract; do
    "$to/$program" man --out "$to/package/man" >/dev/null
    "$to/$program" completions bash >"$to/package/bash/$program"
    "$to/$program" completions zsh >"$to/package/zsh/_$program"
    "$to/$program" completions fish >"$to/package/fish/$program.fish"
  done
}

if [ -z "$binaries" ]; then
  binaries="$work/built"
  # Where they are always built, so that the second time is quick.
  mkdir -p "$binaries" "${CARGO_TARGET_DIR:-target}"
  scripts/build_release.sh --out "$binaries" --target-dir "${CARGO_TARGET_DIR:-target}" --packages "the_block cli explorer"
fi
lay_out
[ -n "$out" ] || exit 0

PATH="$PATH:${XDG_CACHE_HOME:-$HOME/.cache}/the-block/tools/bin"
command -v cargo-deb >/dev/null || fail "cargo-deb is missing. Run: scripts/setup.sh package"
mkdir -p "$out" "$work/deb"
# Nothing is built, and nothing is stripped: another byte would be another build.
CARGO_TARGET_DIR="$stage" SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}" \
  cargo deb --manifest-path node/Cargo.toml --locked --no-build --no-strip "${more[@]}" --output "$work/deb/" >"$work/said" 2>&1 ||
  fail "cargo-deb failed: $(cat "$work/said")"
package="$(find "$work/deb" -name '*.deb')"
dpkg-deb --extract "$package" "$work/inside"
for program in "${programs[@]}"; do
  cmp "$binaries/$program" "$work/inside/usr/bin/$program" || fail "$program in the package is not the one that was built"
done
cp "$package" "$out/"
echo "$out/${package##*/}"
