"""What is the source hash of a tree? The same digest that node/build.rs compiles in as BUILD_SOURCE_HASH, computed here without
running any code of the tree, so that a binary's word about its source can be checked against the source.
"""

import os
import re
import struct

from . import digest
from .failure import Refused
from .programs import text

SHARED = ("Cargo.lock", "Cargo.toml", "rust-toolchain.toml")


def of_tree(root, version):
    """The source hash of the tree at `root` for a binary that says `version` (of `the-block version --json`) of itself."""
    parts = []
    for path in sorted(_files(root), key=lambda path: path.split("/")):
        parts.append(path.encode())
        with open(os.path.join(root, path), "rb") as file:
            parts.append(file.read())
    features = re.findall(r'^target_feature="(.+)"$', text("rustc", "--print", "cfg", "--target", version["target"]), re.M)
    # The node's crate has no features of its own; build.rs lists those last.
    facts = (_compiler(root), version["target"], ",".join(features), version["profile"], "")
    parts += [fact.encode() for fact in facts]
    return digest.blake3_bytes(b"".join(struct.pack("<Q", len(part)) + part for part in parts))


def _compiler(root):
    lines = text("rustc", "-vV", cwd=root).split("\n")
    return "\n".join(line for line in lines if not line.startswith("host:"))


def _crates(root):
    """The folders that build.rs reads, by its own word."""
    with open(os.path.join(root, "node/build.rs"), encoding="utf-8") as file:
        named = re.search(r"^const CRATES: .*?= \[(.*?)\];", file.read(), re.M | re.S)
    if not named:
        raise Refused("E_SOURCE_HASH", "node/build.rs does not say which folders the source hash covers")
    return re.findall(r'"(.+?)"', named[1])


def _files(root):
    yield from (name for name in SHARED if os.path.exists(os.path.join(root, name)))
    for crate in _crates(root):
        yield from _crate(root, crate)


def _crate(root, folder):
    for name in ("Cargo.toml", "build.rs"):
        if os.path.exists(os.path.join(root, folder, name)):
            yield f"{folder}/{name}"
    for entry in _entries(root, folder):
        if not os.path.isdir(os.path.join(root, entry)):
            continue
        if os.path.basename(entry) == "src":
            yield from _sources(root, entry)
        elif os.path.exists(os.path.join(root, entry, "Cargo.toml")):
            yield from _crate(root, entry)


def _sources(root, folder):
    for entry in _entries(root, folder):
        if os.path.isdir(os.path.join(root, entry)):
            yield from _sources(root, entry)
        else:
            yield entry


def _entries(root, folder):
    names = os.listdir(os.path.join(root, folder))
    return [f"{folder}/{name}" for name in names if not name.startswith(".") and not name.endswith("~")]
