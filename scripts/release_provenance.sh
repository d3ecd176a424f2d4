#!/usr/bin/env bash
# Writes a release for a git tag: binaries, what they are made of, a signed statement about it, checksums.
#   release_provenance.sh TAG [--out DIR] [--key SIGNER.key] [--profile release|dev] [--binaries DIR] [--archive]
# What each file and digest is: docs/operations/provenance.md. Exit codes: 0 written, 1 refused and nothing written, 2 usage.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"
exec python3 -m provenance.write "$@"
