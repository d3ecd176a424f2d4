"""What is the source hash of a tree? The same digest that node/build.rs compiles in as BUILD_SOURCE_HASH, computed here without
running any code of the tree, but for a compiler that it brings, so that a binary's word about its source can be checked.
"""

import os
import re
import struct

from . import digest
from .failure import Refused
from .programs import confined

SHARED = ("Cargo.lock", "Cargo.toml", "rust-toolchain", "rust-toolchain.toml")
# What cargo is configured by; hidden, and still no less part of the source.
CONFIGURATION = ".cargo"
FOLDER = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def of_tree(root, version):
    """The source hash of the tree at `root` for a binary that says `version` (of `the-block version --json`) of itself."""
    parts = []
    for path in files(root):
        parts.append(path.encode())
        with open(os.path.join(root, path), "rb") as file:
            parts.append(file.read())
    features = re.findall(r'^target_feature="(.+)"$', _rustc(root, "--print", "cfg", "--target", version["target"]), re.M)
    # The node's crate has no features of its own; build.rs lists those last.
    facts = (_compiler(root), version["target"], ",".join(features), version["profile"], "")
    parts += [fact.encode() for fact in facts]
    return digest.blake3_bytes(b"".join(struct.pack("<Q", len(part)) + part for part in parts))


def _compiler(root):
    lines = _rustc(root, "-vV").split("\n")
    return "\n".join(line for line in lines if not line.startswith("host:"))


def _rustc(root, *arguments):
    # The tree chooses its compiler (rust-toolchain.toml), and may have brought one.
    return confined("rustc", *arguments, cwd=root).decode().strip()


def folders(root):
    """The folders that node/build.rs reads, by its own word: `CRATES` whole, of those `BESIDE` the manifests. To leave one out gains
    nothing: what the hash does not cover is not there when a release is built (source_tree).
    """
    with open(os.path.join(root, "node/build.rs"), encoding="utf-8") as file:
        script = file.read()
    named = {name: re.search(rf"^const {name}: .*?= \[(.*?)\];", script, re.M | re.S) for name in ("CRATES", "BESIDE")}
    if not all(named.values()):
        raise Refused("E_SOURCE_HASH", "node/build.rs does not say which folders the source hash covers")
    listed = {name: re.findall(r'"(.+?)"', found[1]) for name, found in named.items()}
    for folder in (folder for found in listed.values() for folder in found):
        if not FOLDER.fullmatch(folder) or not os.path.isdir(os.path.join(root, folder)):
            raise Refused("E_SOURCE_HASH", f"node/build.rs names {folder!r}, which is no folder of the tree; correct it")
    return listed


def files(root):
    """The paths of all files that the source hash covers, in its order."""
    return sorted(_files(root), key=lambda path: path.split("/"))


def _files(root):
    yield from (name for name in SHARED if os.path.exists(os.path.join(root, name)))
    if os.path.isdir(os.path.join(root, CONFIGURATION)):
        yield from _sources(root, CONFIGURATION)
    for kind, named in folders(root).items():
        for folder in named:
            yield from _crate(root, folder, kind == "CRATES")


def _crate(root, folder, is_linked):
    for name in ("Cargo.toml", "build.rs") if is_linked else ("Cargo.toml",):
        if os.path.exists(os.path.join(root, folder, name)):
            yield f"{folder}/{name}"
    for entry in _entries(root, folder):
        if not os.path.isdir(os.path.join(root, entry)):
            continue
        if os.path.basename(entry) == "src":
            yield from _sources(root, entry) if is_linked else ()
        elif os.path.exists(os.path.join(root, entry, "Cargo.toml")):
            yield from _crate(root, entry, is_linked)


def _sources(root, folder):
    for entry in _entries(root, folder):
        if os.path.isdir(os.path.join(root, entry)):
            yield from _sources(root, entry)
        else:
            yield entry


def _entries(root, folder):
    names = [name for name in os.listdir(os.path.join(root, folder)) if not name.startswith(".") and not name.endswith("~")]
    for path in (os.path.join(root, folder, name) for name in names):
        if os.path.islink(path) and os.path.isdir(path):
            raise Refused("E_SOURCE", f"{os.path.relpath(path, root)} of the tree is a link to a folder; put the folder itself there")
    return [f"{folder}/{name}" for name in names]
