"""What is the digest of a file, of bytes, of a folder?

A folder's digest is the BLAKE3 of its *listing*: a line `<BLAKE3>  <path>` for each file, sorted by the bytes of the path, as
`b3sum` prints it. So it can be checked by hand: find . -type f | sed 's,^./,,' | LC_ALL=C sort | xargs b3sum | b3sum
"""

import hashlib
import os
import stat

from .failure import Refused
from .programs import output, text

# Paths in one call of b3sum; well below what a command line may hold.
BATCH = 2000


def blake3(path):
    """The BLAKE3 of a file, in hex."""
    return text("b3sum", "--no-names", "--", str(path))


def blake3_bytes(data):
    """The BLAKE3 of bytes, in hex."""
    return text("b3sum", "--no-names", data=data)


def sha256(path):
    """The SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files(root):
    """The paths of all files below `root`, sorted as bytes. Anything that is no regular file is refused (T8, T28)."""
    found = []
    for folder, names, entries in os.walk(root):
        for name in names + entries:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                found.append(_plain(relative))
            elif not stat.S_ISDIR(mode):
                raise Refused("E_EXTRA", f"{relative} is neither a file nor a folder; remove it, a release has no links")
    return sorted(found, key=os.fsencode)


def _plain(path):
    if "\n" in path or "\\" in path:
        raise Refused("E_EXTRA", f"the name {path!r} cannot be listed; no file of a release has such a name")
    return path


def listing(root):
    """The lines that say what is in a folder; their BLAKE3 is the folder's digest."""
    return checksums(root, files(root))


def checksums(root, paths):
    """Lines of BLAKE3 and path, in the order of `paths`."""
    lines = []
    for start in range(0, len(paths), BATCH):
        batch = paths[start : start + BATCH]
        digests = text("b3sum", "--no-names", "--", *batch, cwd=root).split()
        lines += [f"{digest}  {path}\n" for digest, path in zip(digests, batch, strict=True)]
    return "".join(lines).encode()
