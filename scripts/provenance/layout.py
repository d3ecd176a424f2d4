"""Which files does a release have, and how are its checksums kept?"""

import os
import re

from . import digest
from .failure import Refused

NODE = "the-block"
WALLET = "contract"
BINARIES = (NODE, WALLET)
DEPENDENCIES = "dependencies.txt"
VENDOR = "vendor.b3sums"
STATEMENT = "provenance.json"
ENVELOPE = "provenance.dsse.json"
FACTS = "release.json"
B3SUMS = "B3SUMS"
SHA256SUMS = "SHA256SUMS"
SUMS = {B3SUMS: digest.blake3, SHA256SUMS: digest.sha256}

LINE = re.compile(r"([0-9a-f]{64})  ([^\s/\\][^\n/\\]*)")


def sbom(binary):
    """The bill of materials of a binary."""
    return f"{binary}.cdx.json"


# What the statement speaks of: the binaries themselves, and what was found out about them.
DESCRIBED = (DEPENDENCIES, VENDOR, sbom(NODE), sbom(WALLET))


def write_checksums(folder):
    """Lists every file of a release, except the lists themselves."""
    names = [name for name in digest.files(folder) if name not in SUMS]
    for sums, measure in SUMS.items():
        lines = [f"{measure(os.path.join(folder, name))}  {name}\n" for name in names]
        write_whole(os.path.join(folder, sums), "".join(lines).encode())


def write_whole(path, content):
    """Puts a file in the place of another in one step."""
    with open(f"{path}.new", "wb") as file:
        file.write(content)
    os.replace(f"{path}.new", path)


def read_checksums(content, name):
    """The digests of a list by file name; the list must be in its one form."""
    listed = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        parts = LINE.fullmatch(line)
        if not parts or parts[2] in listed or parts[2] in SUMS:
            raise Refused("E_CHECKSUM", f"{name}, line {number} is not a digest and the name of a file not listed before")
        listed[parts[2]] = parts[1]
    return listed


def check_files(folder):
    """Refuses a folder whose files are not exactly those of its lists, byte for byte."""
    present = set(digest.files(folder))
    lists = {}
    for sums in SUMS:
        if sums not in present:
            raise Refused("E_MISSING", f"{sums} is missing; fetch the whole release again")
        with open(os.path.join(folder, sums), "rb") as file:
            lists[sums] = read_checksums(file.read(), sums)
    if lists[B3SUMS].keys() != lists[SHA256SUMS].keys():
        odd = sorted(lists[B3SUMS].keys() ^ lists[SHA256SUMS].keys())[0]
        raise Refused("E_CHECKSUM", f"{odd} stands in one of {B3SUMS} and {SHA256SUMS} only; fetch the release again")
    _compare_names(present - SUMS.keys(), lists[B3SUMS].keys())
    for sums, measure in SUMS.items():
        for name, expected in lists[sums].items():
            if measure(os.path.join(folder, name)) != expected:
                raise Refused("E_CHECKSUM", f"{name} is not the file that {sums} lists; fetch the release again")


def _compare_names(present, listed):
    for name in sorted(present - listed):
        raise Refused("E_EXTRA", f"{name} is not listed in {B3SUMS}; a release has no other files, do not use this one")
    for name in sorted(listed - present):
        raise Refused("E_MISSING", f"{name} is listed in {B3SUMS} and is not there; fetch the whole release again")
    for name in sorted({*BINARIES, *DESCRIBED, STATEMENT, FACTS} - listed):
        raise Refused("E_MISSING", f"{name} is missing; every release has it, so this is none")
