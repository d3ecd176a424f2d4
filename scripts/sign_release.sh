#!/usr/bin/env bash
# Signs the statement of a release that was built, and packs it: reads the folder, and runs nothing of it.
#   sign_release.sh DIR --key SIGNER.key [--key ..] [--archive]
# Signers can sign one after another; what others signed stays. Exit codes: 0 signed, 1 refused and nothing changed, 2 usage.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/provenance/environment.sh
. "$scripts/provenance/environment.sh"
exec python3 -m provenance.sign "$@"
