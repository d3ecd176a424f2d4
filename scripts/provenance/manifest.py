"""What have release signers signed about a release as a whole? The root of its manifest, as the chain computes it (T4, T14).

It is the RFC 6962 root, by SHA-256, of these leaves in this order: each field that is short, as the SCALE encoding of its name and
its value; the notes, as that of `notes` and their SHA-256; each target, as that of `target` and the SHA-256 of its encoding.

    python3 -m provenance.manifest FILE    prints the root of what `contract release manifest` wrote
"""

import hashlib
import json
import sys

from . import dsse
from .failure import Refused, run


def compact(number):
    """A length, as SCALE writes it."""
    for size, mark in ((1, 0), (2, 1), (4, 2)):
        if number < 1 << (8 * size - 2):
            return (number << 2 | mark).to_bytes(size, "little")
    raise ValueError(f"{number} is no length of anything in a manifest")


def text(value):
    """A text, with its length."""
    return compact(len(value.encode())) + value.encode()


def digest(value):
    """32 bytes, which JSON writes in hex."""
    return bytes.fromhex(value)


def number(value):
    """A number of 64 bits."""
    return int(value).to_bytes(8, "little")


def number32(value):
    """A number of 32 bits."""
    return int(value).to_bytes(4, "little")


def maybe(encode):
    """What may be missing."""
    return lambda value: b"\0" if value is None else b"\1" + encode(value)


def word(*words):
    """One of some words."""
    return lambda value: bytes([words.index(value)])


def record(*fields):
    """Fields one after the other."""
    return lambda value: b"".join(encode(value[name]) for name, encode in fields)


NAMES = ("runtime", "transport", "storage")
SHORT = (
    ("version", maybe(text)),
    ("class", word("major", "minor", "patch", "hotfix")),
    ("severity", word("low", "medium", "high", "critical")),
    ("sha256", maybe(digest)),
    ("size", maybe(number)),
    ("source_commit", maybe(text)),
    ("source_hash", maybe(digest)),
    ("vendor_tree_hash", maybe(digest)),
    ("dependency_snapshot_hash", maybe(digest)),
    ("sbom_hash", maybe(digest)),
    ("provenance_hash", maybe(digest)),
    ("components", record(*((name, maybe(text)) for name in NAMES))),
    ("level", maybe(number32)),
    ("updater_hash", maybe(digest)),
    ("end_of_support_epoch", maybe(number)),
)
TARGET = record(("build_hash", digest), ("platform", text), ("sha256", maybe(digest)), ("size", maybe(number)))
# What a manifest has that says nothing.
SILENT = {"class": "minor", "severity": "low", "components": dict.fromkeys(NAMES)}


def sha256(data):
    """The SHA-256 of bytes."""
    return hashlib.sha256(data).digest()


def merkle_root(leaves):
    """The root of RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    # The largest power of two that is less than their number.
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + merkle_root(leaves[:half]) + merkle_root(leaves[half:]))


def root(manifest, targets, notes):
    """The root of a manifest, from the digests of what is long, in hex."""
    leaves = [text(name) + encode(manifest[name]) for name, encode in SHORT]
    leaves += [text("notes") + maybe(digest)(notes)]
    leaves += [text("target") + digest(target) for target in targets]
    return merkle_root(leaves).hex()


def of_file(said):
    """The root of what `contract release manifest` wrote."""
    manifest = said["manifest"]
    first = {name: said[name] for name in ("build_hash", "platform")} | {name: manifest[name] for name in ("sha256", "size")}
    targets = [first, *(other["target"] for other in manifest["other_targets"])]
    notes = None if manifest["notes"] is None else sha256(manifest["notes"].encode()).hex()
    return root(manifest, [sha256(TARGET(target)).hex() for target in targets], notes)


def message(chain_id, found):
    """What a release signer signs on a network about a root."""
    return b"the-block/manifest/v1" + text(chain_id) + digest(found)


def require_signed(approved, chain_id):
    """Refuses an approval, as `contract gov release` answers it, that says anything else than its signers signed for a network."""
    manifest, long_parts = approved["manifest"], approved["long_parts"]
    signed = manifest["signed_root"]
    if signed is None:
        if any(manifest[name] != SILENT.get(name) for name, _ in SHORT) or long_parts["notes"] is not None:
            raise Refused("E_MIXMATCH", "the node names no signatures over what it says about this release; ask another node")
        return
    target = sha256(TARGET(approved["target"])).hex()
    if root(manifest, long_parts["targets"], long_parts["notes"]) != signed["root"] or target not in long_parts["targets"]:
        raise Refused("E_MIXMATCH", "what the node says about this release is not what its signers signed; ask another node")
    quorum = approved["amended"] or approved
    over = message(chain_id, signed["root"])
    there = [one for one in signed["signatures"] if one["signer"] in quorum["signer_set"]]
    valid = {one["signer"] for one in there if dsse.verifies(one["signer"], bytes.fromhex(one["signature"]), over)}
    if len(valid) < quorum["signature_threshold"]:
        sentence = f"{len(valid)} signatures over what is said about this release are valid on {chain_id}, and it needs"
        raise Refused("E_DOMAIN", f"{sentence} {quorum['signature_threshold']}; do not use it")


def main():
    """Prints the root of a file."""
    with open(sys.argv[1], encoding="utf-8") as file:
        print(of_file(json.load(file)))


if __name__ == "__main__":
    run("manifest", main)
