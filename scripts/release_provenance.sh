#!/usr/bin/env bash
# Builds the release of a git tag and describes it: binaries, what they are made of, a statement about it, checksums. Signs nothing.
#   release_provenance.sh TAG [--out DIR] [--profile release|dev] [--binaries DIR]
# The tag's code runs here, so no key has a place here: scripts/sign_release.sh signs, as somebody else or elsewhere.
# What each file and digest is: docs/operations/provenance.md. Exit codes: 0 written, 1 refused and nothing written, 2 usage.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"
# shellcheck source=scripts/provenance/variables.sh
. "$scripts/provenance/variables.sh"
if [ -n "${TB_KEY_PASSPHRASE+set}" ]; then
  echo "${0##*/}: TB_KEY_PASSPHRASE is set, and the tag's code is about to run; unset it, it is for sign_release.sh" >&2
  exit 2
fi
# This process is replaced, because what it was started with can be read in /proc by whatever it starts.
keep HOME "${python[@]}" "${places[@]}" "${network[@]}"
exec env -i "${kept[@]}" python3 -m provenance.write "$@"
