#!/usr/bin/env bash
# Installs what building needs, and with `setup.sh test` what the tests need besides; says the command where it cannot.
# Does nothing, quickly, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:-build}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/the-block"
# What writes bills of materials; pinned, because a release is to be the same wherever it is written.
cyclonedx="cargo-cyclonedx@0.5.9"
# The release of the SCALE codec that the interoperation test encodes with; written by others, in Python.
scalecodec="scalecodec==1.2.12"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

has_libclang() {
  [ -n "${LIBCLANG_PATH:-}" ] && return
  # The names bindgen looks for; libclang-cpp.so, which comes with other packages, is another library.
  local folder
  for folder in /usr/lib/llvm-*/lib /usr/lib /usr/lib64 /usr/lib/* /usr/local/lib; do
    compgen -G "$folder/libclang.so*" >/dev/null || compgen -G "$folder/libclang-[0-9]*.so*" >/dev/null || continue
    # It finds C headers only where clang's own are installed too.
    return 0
  done
  return 1
}

# Installs Debian packages, or names the command.
install_packages() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then as_root=(sudo -n); else as_root=(none); fi
  fi
  if ! has apt-get || [ "${as_root[*]:-}" = none ]; then
    fail "missing: $*. Install them, for example with: sudo apt-get install -y $*"
  fi
  say "installing $*"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

check_rust() {
  has cargo || fail "cargo is missing. Install Rust with rustup; rust-toolchain.toml then picks the version by itself"
  cargo --version >/dev/null || fail "the toolchain of rust-toolchain.toml is missing. Run: rustup toolchain install"
}

build_tools() {
  local missing=()
  has c++ || missing+=(build-essential)
  has_libclang || missing+=(libclang-dev)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
}

test_tools() {
  local missing=()
  has openssl || missing+=(openssl)
  has curl || missing+=(curl)
  has python3 || missing+=(python3)
  has zstd || missing+=(zstd)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  python3 -c 'import tomllib' 2>/dev/null || fail "python3 is older than 3.11; install a later one, and put it first in PATH"
  has cargo-cyclonedx || [ -x "$cache/tools/bin/cargo-cyclonedx" ] || build_tool "$cyclonedx"
  has b3sum || [ -x "$cache/tools/bin/b3sum" ] && return
  # Older distributions do not package it.
  (install_packages b3sum) || build_tool b3sum
}

build_tool() {
  say "building $1"
  CARGO_TARGET_DIR="$cache/tools/target" cargo install --quiet --locked --root "$cache/tools" "$1"
}

python_packages() {
  local venv="$cache/venv"
  # The mark is written last, so that an interrupted installation is done again.
  [ "$(cat "$venv/installed" 2>/dev/null)" = "$scalecodec" ] && return
  say "installing $scalecodec into $venv"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$scalecodec"
  echo "$scalecodec" >"$venv/installed"
}

check_rust
build_tools
case "$purpose" in
  build) ;;
  test)
    test_tools
    python_packages
    ;;
  *) fail "unknown purpose '$purpose'; say build or test" ;;
esac
