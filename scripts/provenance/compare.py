"""Are two executables the same, and if not, in which section do they first differ? For reproduce.sh."""

import struct
import sys

from .digest import blake3
from .failure import Refused, Unusable, run


def main():
    """Compares two files."""
    if len(sys.argv) != 3:
        raise Unusable("usage: compare FIRST SECOND")
    contents = [read(path) for path in sys.argv[1:]]
    print(f"{blake3(sys.argv[1])}  {sys.argv[1]}\n{blake3(sys.argv[2])}  {sys.argv[2]}")
    if contents[0] != contents[1]:
        raise Refused("E_DIFFERS", f"the two builds differ: {difference(*contents)}")


def read(path):
    """The content of a file."""
    with open(path, "rb") as file:
        return file.read()


def difference(first, second):
    """Where two executables first differ, in words."""
    try:
        pairs = list(zip(sections(first), sections(second)))
    except (IndexError, ValueError, struct.error):
        pairs = []  # A table of sections that leads nowhere: the file may be a stranger's.
    # The linker's digest of all sections differs whenever any other does, and stands first.
    pairs.sort(key=lambda pair: pair[0][0] == ".note.gnu.build-id")
    for (name, start, size), (other, other_start, other_size) in pairs:
        if (name, size) != (other, other_size):
            return f"section {name} of {size} bytes stands against {other} of {other_size}; first {_around(first, second)}"
        ours, theirs = first[start : start + size], second[other_start : other_start + size]
        if ours != theirs:
            at = mismatch(ours, theirs)
            return f"first in section {name}, at byte {at} of {size}; first {_around(ours, theirs)}"
    return f"not in a section, but at byte {mismatch(first, second)} of the file"


def mismatch(ours, theirs):
    """The first byte in which two contents differ."""
    return next((at for at, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))


def _around(ours, theirs):
    at = mismatch(ours, theirs)
    return f"{ours[max(at - 16, 0) : at + 32]!r}, second {theirs[max(at - 16, 0) : at + 32]!r}"


def sections(elf):
    """Name, place and size of the sections of a 64-bit little-endian ELF file that take bytes in it (System V ABI, chapter 4)."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise Refused("E_WRONG_TARGET", "one of the files is not a 64-bit ELF executable")
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQ", elf, table + index * size) for index in range(count)]
    text = headers[names][4]
    for name, kind, _, _, start, length in headers:
        # 0 is no section, 8 is one without bytes (.bss).
        if kind not in (0, 8):
            yield elf[text + name : elf.index(b"\0", text + name)].decode(), start, length


if __name__ == "__main__":
    run("compare", main)
