"""Which dependencies does a tree have? The *dependency snapshot*: one line `name version source checksum` for each package of
Cargo.lock that comes from elsewhere, sorted as bytes. The crates of the workspace are left out: the source hash covers them.
"""

import tomllib

from .failure import Refused


def snapshot(lockfile):
    """The snapshot of a Cargo.lock."""
    with open(lockfile, "rb") as file:
        packages = tomllib.load(file).get("package", [])
    lines = [_line(package) for package in packages if "source" in package]
    return "".join(sorted(lines)).encode()


def _line(package):
    name, version, source = package["name"], package["version"], package["source"]
    if "checksum" not in package:
        raise Refused("E_POLICY", f"{name} {version} of {source} has no checksum in Cargo.lock; take it from the registry")
    return f"{name} {version} {source} {package['checksum']}\n"


def read(content, where):
    """The packages of a snapshot: source and checksum by name and version."""
    packages = {}
    lines = content.decode(errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        parts = line.split(" ")
        if len(parts) != 4 or tuple(parts[:2]) in packages:
            raise Refused("E_SNAPSHOT", f"{where}, line {number} is not `name version source checksum` of another package")
        packages[tuple(parts[:2])] = tuple(parts[2:])
    if lines != sorted(lines) or content != "".join(f"{line}\n" for line in lines).encode():
        raise Refused("E_SNAPSHOT", f"{where} is not sorted, one line a package; write it with `make dependency-baseline`")
    return packages
