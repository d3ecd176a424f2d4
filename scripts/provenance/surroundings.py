"""What outside of a tree would cargo go by? The configuration in the folders above it and in CARGO_HOME. What that says of the
build is in no source hash, so only what it says of fetching is allowed: what is fetched is held to the checksums of Cargo.lock.
"""

import os
import sys
import tomllib

from .failure import Refused, Unusable, run

# https://doc.rust-lang.org/cargo/reference/config.html
HARMLESS = {"alias", "cache", "cargo-new", "credential-alias", "doc", "future-incompat-report", "http", "install", "net"}
HARMLESS |= {"registries", "registry", "source", "term"}


def main():
    """Checks what is around a tree, before cargo is asked anything there."""
    if len(sys.argv) != 3:
        raise Unusable("usage: surroundings SOURCE CARGO_HOME")
    check(*sys.argv[1:])


def check(root, cargo_home):
    """Refuses configurations outside of the tree at `root` that can change what is built from it."""
    for path in _configurations(root, cargo_home):
        try:
            with open(path, "rb") as file:
                said = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise Refused("E_SURROUNDINGS", f"{path}, which cargo reads, is no TOML: {error}; correct it") from None
        for table in sorted(said.keys() - HARMLESS):
            what = f"{path} has [{table}], which cargo would build by and no source hash covers"
            raise Refused("E_SURROUNDINGS", f"{what}; move it away, or build as another user in another folder")


def _configurations(root, cargo_home):
    folder, folders = os.path.realpath(root), [os.path.realpath(cargo_home)]
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        folders.append(os.path.join(folder, ".cargo"))
    names = [os.path.join(folder, name) for folder in folders for name in ("config", "config.toml")]
    return [name for name in names if os.path.lexists(name)]


if __name__ == "__main__":
    run("build_release", main)
