"""Which tree is a release built from? Of a checkout, what the source hash covers, and nothing else is there: no file that the hash
leaves out can change what is built. What cargo only wants to see, because a manifest names it and no binary is linked from it
(benches, tests, the crates beside the release), is there without a content.
"""

import os
import shutil
import stat
import tomllib

from . import source_hash
from .failure import Refused

# Kinds of targets that no binary of a release is made of, with their folders.
IDLE = {"bench": "benches", "test": "tests", "example": "examples"}


def lay_out(checkout, root):
    """Writes the covered files of a checkout into the new folder `root`."""
    covered = source_hash.files(checkout)
    for path in covered:
        _require_plain(checkout, path)
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        shutil.copy(os.path.join(checkout, path), os.path.join(root, path))
    beside = source_hash.folders(checkout)["BESIDE"]
    for path in covered:
        if os.path.basename(path) == "Cargo.toml":
            is_beside = any(path.startswith(f"{folder}/") for folder in beside)
            _wanted(root, path, set(covered), is_beside)
    odd = set(source_hash.files(root)).symmetric_difference(covered)
    if odd:
        raise Refused("E_SOURCE", f"a manifest of the tree names {min(odd)}, which is not there; add it, or take it out")


def _require_plain(checkout, path):
    """Refuses a file that is, or lies behind, a link: what it leads to is in no hash."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        mode = os.lstat(os.path.join(checkout, *parts[:end])).st_mode
        if not (stat.S_ISREG(mode) if end == len(parts) else stat.S_ISDIR(mode)):
            raise Refused("E_SOURCE", f"{path} of the tree is, or lies behind, a link; put the file itself there")


def _wanted(root, path, covered, is_beside):
    """Puts empty files where a manifest names targets of no release; refuses sources of a release that the hash leaves out."""
    manifest = _read(root, path)
    if "package" not in manifest:
        return
    folder = os.path.dirname(path)
    needed, idle = _made_of(manifest), [_idle(kind, entry) for kind in IDLE for entry in manifest.get(kind, [])]
    if is_beside:
        needed, idle = [], [*idle, *needed, *(_binary(manifest, entry) for entry in manifest.get("bin", [])), "src/lib.rs"]
    for name in (*needed, *idle):
        place = os.path.normpath(os.path.join(folder, name))
        if os.path.isabs(name) or place.split("/")[0] == "..":
            raise Refused("E_SOURCE", f"{path} builds from {name}, which is not in the tree; move it there")
        if name in needed and place not in covered:
            raise Refused("E_SOURCE", f"{path} builds from {name}, which the source hash does not cover; move it into src")
        if place not in covered:
            os.makedirs(os.path.dirname(os.path.join(root, place)), exist_ok=True)
            with open(os.path.join(root, place), "ab"):
                pass


def _read(root, path):
    try:
        with open(os.path.join(root, path), "rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("E_SOURCE", f"{path} of the tree is no manifest: {error}; correct it") from None


def _made_of(manifest):
    """The files that a manifest names for its library, binaries and build script; what it does not name, cargo finds in src."""
    binaries = (entry.get("path") for entry in manifest.get("bin", []))
    named = (manifest["package"].get("build"), manifest.get("lib", {}).get("path"), *binaries)
    return [name for name in named if isinstance(name, str)]


def _binary(manifest, entry):
    is_main = entry.get("name") == manifest["package"].get("name")
    return entry.get("path", "src/main.rs" if is_main else f"src/bin/{entry.get('name')}.rs")


def _idle(kind, entry):
    return entry.get("path", f"{IDLE[kind]}/{entry.get('name')}.rs")
