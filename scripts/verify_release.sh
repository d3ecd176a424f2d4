#!/usr/bin/env bash
# Checks a downloaded release: its checksums, what it says about itself, who signed that, the committed policy, the chain.
#   verify_release.sh ARCHIVE_OR_DIR [--rpc URL] [--signer HEX ..] [--threshold N]
# Exit codes: 0 it verifies, 1 it does not, and the sentence says why, 2 usage.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"
exec python3 -m provenance.verify "$@"
