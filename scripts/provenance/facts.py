"""What does a release say of itself in one place? `release.json`, which `contract release manifest --release` reads."""

import json
import os
import re

from . import digest, layout, statement
from .failure import Refused
from .programs import confined

# What a build's file says of its level: `node/update/src/level_mark.rs`.
MARK = re.compile(rb"the-block/level/v1:([0-9]{10})\n")
# By the machine in an ELF header; the names of `contract release hash`.
MACHINES = {62: "x86_64", 183: "aarch64"}


def of_binary(binary):
    """What a node's executable says of itself, under the names of release.json."""
    said = json.loads(confined(os.path.abspath(binary), "version", "--json"))
    names = {"build_source_hash": "source_hash", "build_bin_hash": "build_hash"}
    return {names.get(name, name): said[name] for name in said}


def platform(binary):
    """The platform of an ELF executable."""
    with open(binary, "rb") as file:
        header = file.read(20)
    machine = MACHINES.get(int.from_bytes(header[18:20], "little"))
    if header[:6] != b"\x7fELF\x02\x01" or not machine:
        raise Refused("E_WRONG_TARGET", f"{binary} is not an executable of {' or '.join(MACHINES.values())} Linux")
    return f"{machine}-linux"


def level(binary):
    """The level that an executable says it knows, in its mark; none where it says nothing."""
    with open(binary, "rb") as file:
        mark = MARK.search(file.read())
    return mark and int(mark.group(1))


def make(folder, said):
    """The facts of a release, from its files and its statement (as `statement.read` gives it)."""
    node = os.path.join(folder, layout.NODE)
    files = said["files"]
    return {
        "format": "the-block/release/1",
        "version": said["build"]["version"],
        "ref": said["source"]["ref"],
        "source_commit": said["source"]["gitCommit"],
        "source_tree": said["source"]["gitTree"],
        "source_hash": said["build"]["source_hash"],
        "rustc": said["build"]["rustc"],
        "profile": said["source"]["profile"],
        "platform": platform(node),
        "build_hash": files[layout.NODE]["blake3"],
        "sha256": files[layout.NODE]["sha256"],
        "size": os.path.getsize(node),
        "level": level(node),
        "vendor_tree_hash": said["vendor_tree_hash"],
        "dependency_snapshot_hash": files[layout.DEPENDENCIES]["blake3"],
        "sbom_hash": files[layout.sbom(layout.NODE)]["blake3"],
        "provenance_hash": digest.blake3(os.path.join(folder, layout.STATEMENT)),
    }


def check(folder, said):
    """Gives the facts; refuses a release.json that differs from what files and statement say."""
    expected = make(folder, said)
    with open(os.path.join(folder, layout.FACTS), "rb") as file:
        content = file.read()
    if content == statement.encode(expected):
        return expected
    try:
        found = json.loads(content)
        odd = next(name for name in {**expected, **found} if expected.get(name) != found.get(name))
    except (ValueError, TypeError, StopIteration):
        raise Refused("E_STATEMENT", f"{layout.FACTS} is not written in the form of a release; fetch it again") from None
    raise Refused("E_MIXMATCH", f"{layout.FACTS} says {odd} is {found.get(odd)}, files and statement say {expected.get(odd)}")
