#!/usr/bin/env bash
# Makes the image of deploy/Containerfile out of what deploy/images.env names by digest.
#   image.sh pin                       asks the registries, writes deploy/images.env: read the difference, and commit it
#   image.sh build [--tag NAME]        [the-block]; other arguments go to the engine
# ENGINE is podman or docker; without it, whichever is there.
set -euo pipefail
cd "$(dirname "$0")/.."

pins="${IMAGE_PINS:-deploy/images.env}"
digest='@sha256:[0-9a-f]{64}$'

fail() { echo "image.sh: $*" >&2; exit "${code:-1}"; }
misused() { code=2 fail "$@"; }

engine="${ENGINE:-}"
if [ -z "$engine" ]; then
  for engine in podman docker none; do ! command -v "$engine" >/dev/null 2>&1 || break; done
fi
command -v "$engine" >/dev/null 2>&1 || fail "no container engine is here; install podman, or name another in ENGINE"

# NAME@sha256:DIGEST of an image that is named with a tag.
pinned() {
  local found name="${1%:*}"
  "$engine" pull --quiet "$1" >/dev/null ||
    fail "$1 cannot be pulled; see to the network, or name another in deploy/images.txt"
  # One a line, by every name that the image has here; engines leave the registry out that they take without one.
  found="$("$engine" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")"
  found="$(grep -m 1 -E "(^|/)${name##*/}$digest" <<<"$found")" ||
    fail "$engine knows no digest of $1; it was made here and not pulled"
  echo "$name@${found##*@}"
}

pin() {
  local variable named image
  # Not local: it is asked for when the script ends.
  made="$(mktemp "$pins.XXXXXX")"
  trap 'rm -f "$made"' EXIT
  echo "# Written by scripts/image.sh pin from deploy/images.txt." >"$made"
  while read -r variable named; do
    case "$variable" in '' | '#'*) continue ;; esac
    image="$(pinned "$named")"
    echo "$variable=$image" >>"$made"
  done <deploy/images.txt
  # The day before: today's archive is not whole yet.
  echo "DEBIAN_SNAPSHOT=$(date -u -d yesterday +%Y%m%dT000000Z)" >>"$made"
  chmod 0644 "$made"
  mv "$made" "$pins"
  echo "$pins is written; read the difference, and commit it"
}

build() {
  local tag=the-block arguments=() variable value form such
  while [ $# -gt 0 ]; do
    case "$1" in
      --tag) [ $# -gt 1 ] || misused "--tag needs a value"; tag="$2"; shift 2 ;;
      *) arguments+=("$1"); shift ;;
    esac
  done
  [ -f "$pins" ] || fail "$pins is not there: nobody has pinned the images yet. Run: scripts/image.sh pin"
  for variable in RUST_IMAGE RUN_IMAGE DEBIAN_SNAPSHOT; do
    value="$(sed -n "s/^$variable=//p" "$pins")"
    case "$variable" in
      DEBIAN_SNAPSHOT) form='^[0-9]{8}T[0-9]{6}Z$' such=20261101T000000Z ;;
      *) form="$digest" such=NAME@sha256:DIGEST ;;
    esac
    [[ "$value" =~ $form ]] || fail "$variable of $pins is no $such. Run: scripts/image.sh pin"
    arguments+=(--build-arg "$variable=$value")
  done
  # The time is no part of what is built.
  case "${engine##*/}" in
    podman | buildah) arguments+=(--timestamp 0 --format oci) ;;
    *) arguments+=(--build-arg SOURCE_DATE_EPOCH=0) ;;
  esac
  exec "$engine" build --file deploy/Containerfile --tag "$tag" "${arguments[@]}" .
}

case "${1:-}" in
  pin) [ $# = 1 ] || misused "pin takes no arguments"; pin ;;
  build) shift; build "$@" ;;
  *) misused "say pin or build; see the head of this script" ;;
esac
