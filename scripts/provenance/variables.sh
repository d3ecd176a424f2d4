# shellcheck shell=bash
# Which of a caller's variables reach what a release is made with? Those that say where things are; the network's only what fetches.
places=(PATH TMPDIR CARGO_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN LIBCLANG_PATH CARGO_NET_OFFLINE)
network=(CARGO_HTTP_CAINFO SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY)
# By name, because a home that is empty no longer says it.
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"

# Puts the variables of these names that are set into `kept`, as `env` takes them.
keep() {
  kept=()
  local name
  for name in "$@"; do
    [ -z "${!name:-}" ] || kept+=("$name=${!name}")
  done
}
