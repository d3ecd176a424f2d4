"""Does the chain approve this very release? Every digest it names must be this release's (T4, mix-and-match)."""

import json
import shutil

from .failure import Refused, Unusable
from .programs import Failed, text

# The words of release.json, and where `contract gov release` shows them.
TARGET = ("build_hash", "sha256", "size", "platform")
# Those of them that the chain names of every build.
NAMED = ("build_hash", "platform")
MANIFEST = ("version", "source_commit", "source_hash", "sbom_hash", "provenance_hash", "vendor_tree_hash")
MANIFEST += ("dependency_snapshot_hash",)


def ask(contract, rpc, *question):
    """What a node answers to `contract ...`."""
    if not shutil.which(contract):
        raise Unusable(f"{contract} is missing, which asks the node; name a trusted one with --contract FILE")
    try:
        return json.loads(text(contract, *question, "--rpc", rpc, "--json"))
    except Failed as failed:
        raise Refused("E_NODE", f"the node at {rpc} does not confirm this release: {_sentence(failed.said)}") from None


def _sentence(said):
    """What `contract --json` says of its failure, without the JSON around it."""
    try:
        return json.loads(said.splitlines()[-1])["error"]["message"]
    except (ValueError, KeyError, TypeError, IndexError):
        return said


def compare(approved, facts):
    """Refuses a release that differs from the approved one in anything that the chain names; gives what it does not name."""
    chain = {name: approved["target"].get(name) for name in TARGET} | {name: approved["manifest"].get(name) for name in MANIFEST}
    for name, value in chain.items():
        if value != facts[name] and (value is not None or name in NAMED):
            raise Refused("E_MIXMATCH", f"the chain approved {name} {value}, and this release has {facts[name]}; do not use it")
    if approved["verdict"] != "approved":
        why = json.dumps(approved["verdict"], sort_keys=True)
        raise Refused("E_NOT_APPROVED", f"the chain does not let {facts['build_hash']} run now: {why}")
    return [name for name, value in chain.items() if value is None]
