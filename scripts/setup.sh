#!/usr/bin/env bash
# Installs what building needs, and with `setup.sh test` what the tests need besides; says the command where it cannot.
# `setup.sh explorer` is the part of `test` for the explorer's pages and API; `setup.sh bench` is `test` and a load generator,
# `setup.sh fuzz` what `make fuzz` needs, `setup.sh package` what `make package` does, and `setup.sh boot` what `make boot-package` does.
# Does nothing, quickly, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:-build}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/the-block"
# What writes bills of materials; pinned, because a release is to be the same wherever it is written.
cyclonedx="cargo-cyclonedx@0.5.9"
# What builds fuzz targets; pinned, because scripts/fuzz.sh speaks its language.
fuzzer="cargo-fuzz@0.13.2"
# What makes the Debian package; pinned, because it reads a part of node/Cargo.toml that is its own.
packager="cargo-deb@3.6.2"
# Written by others, in Python: the SCALE codec that the interoperation test encodes with, what holds the explorer against
# its OpenAPI document, Grafana's own types of a dashboard, the files of the framework that security events are written by, and what
# reads the statements of an export.
python_tools=("scalecodec==1.2.12" "schemathesis==4.32.5" "grafana-foundation-sdk==1769699998!10.1.0"
  "openfeature-sdk==0.10.0" "openfeature-provider-ofrep==0.3.0" "PyJWT==2.15.1" "cryptography==50.0.2" "ocsf-json-schema==1.2.0"
  "in-toto-attestation==0.9.3")

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
  has jq || missing+=(jq)
  has xxd || missing+=(xxd)
  has python3 || missing+=(python3)
  has zstd || missing+=(zstd)
  has rsync || missing+=(rsync)
  has_go || missing+=(golang-go golang-golang-x-mod-dev)
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
  [ "$(cat "$venv/installed" 2>/dev/null)" = "${python_tools[*]}" ] && return
  say "installing ${python_tools[*]} into $venv"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${python_tools[@]}"
  echo "${python_tools[*]}" >"$venv/installed"
}

has_postgres() {
  has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_prometheus() {
  has prometheus && has promtool
}

has_pgbouncer() {
  has pgbouncer || [ -x /usr/sbin/pgbouncer ]
}

# What checks the log of blocks: Go, and its packages for transparency logs where Debian puts them.
has_go() {
  has go && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]
}

has_browser() {
  [ -n "${CHROMIUM:-}" ] || has chromium || has google-chrome
}

# A browser with what drives it, a database and an alert checker: what the explorer is tried with.
explorer_tools() {
  local missing=()
  has python3 || missing+=(python3)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  has_browser || missing+=(chromium)
  # A Node that is there stays, whoever installed it.
  has node || missing+=(nodejs)
  has npm || missing+=(npm)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  server_programs
  node_packages
}

# Packages that bring a service with their programs. Only the programs are needed: a service that does not start, as in a
# container, is no reason to stop.
server_programs() {
  local missing=()
  has_prometheus || missing+=(prometheus)
  has_postgres || missing+=(postgresql)
  has_pgbouncer || missing+=(pgbouncer)
  [ ${#missing[@]} = 0 ] && return
  (install_packages "${missing[@]}") || true
  has_prometheus || fail "Prometheus is missing. Install the package prometheus"
  has_postgres || fail "the PostgreSQL server is missing. Install the package postgresql"
  has_pgbouncer || fail "PgBouncer is missing. Install the package pgbouncer"
}

# What drives the browser, looks for barriers and validates answers; the tests of tests/browser find it in the cache.
node_packages() {
  local from=tests/browser to="$cache/node"
  cmp -s "$from/package-lock.json" "$to/installed" && return
  say "installing the packages of $from into $to"
  mkdir -p "$to"
  rm -f "$to/installed"
  cp "$from/package.json" "$from/package-lock.json" "$to/"
  npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
  cp "$from/package-lock.json" "$to/installed"
}

bench_tools() {
  has wrk || install_packages wrk
}

fuzz_tools() {
  has cargo-fuzz || [ -x "$cache/tools/bin/cargo-fuzz" ] || build_tool "$fuzzer"
}

package_tools() {
  local missing=()
  has python3 || missing+=(python3)
  has dpkg-deb || missing+=(dpkg)
  # What finds out on which libraries the programs depend.
  has dpkg-shlibdeps || missing+=(dpkg-dev)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  has cargo-deb || [ -x "$cache/tools/bin/cargo-deb" ] || build_tool "$packager"
}

# What boots a Debian of its own to try the package in.
boot_tools() {
  local missing=()
  has systemd-nspawn || missing+=(systemd-container)
  has mmdebstrap || missing+=(mmdebstrap)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  # It takes root, and mirrors that are reached.
  scripts/boot_package.sh --prepare
}

check_rust
build_tools
case "$purpose" in
  build) ;;
  explorer)
    explorer_tools
    python_packages
    ;;
  test | bench)
    test_tools
    explorer_tools
    python_packages
    [ "$purpose" = test ] || bench_tools
    ;;
  fuzz) fuzz_tools ;;
  package) package_tools ;;
  boot)
    package_tools
    boot_tools
    ;;
  *) fail "unknown purpose '$purpose'; say build, test, explorer, bench, fuzz, package or boot" ;;
esac
