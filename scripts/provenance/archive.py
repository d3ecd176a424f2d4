"""How is a release packed, and a downloaded archive opened? It is a plain tar of one folder, packed with zstd or gzip. Every entry
is looked at before any is written (T8, T28); what is written are regular files, by this code, and never what an entry asks for.
"""

import os
import re
import subprocess
import tarfile
import tempfile

from . import layout
from .failure import Refused, Unusable
from .programs import output

# Bytes of all files together; a release is a tenth of it.
MOST_BYTES = 4 << 30
MOST_FILES = 100
NAME = re.compile(r"(?:\./)?([A-Za-z0-9][A-Za-z0-9._-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)")


def pack(folder, archive):
    """Packs a release as .tar.zst; the same files give the same archive, whenever and by whomever it is packed."""
    place, name = os.path.split(os.path.abspath(folder))
    steady = ("--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX")
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=place) as work:
        packed = os.path.join(work, "packed.tar")
        output("tar", *steady, "-C", place, "-cf", packed, name)
        output("zstd", "-q", "-9", "-T0", packed, "-o", f"{packed}.zst")
        os.rename(f"{packed}.zst", archive)


def extract(archive, into):
    """Writes an archive's files into the folder `into`, if it has nothing but a release; gives the folder of the release."""
    folder, listed, names = None, None, []
    for entry, content in _entries(archive):
        if entry.isdir() and "/" not in entry.name.strip("/").removeprefix("./"):
            continue
        top, name = _place(entry)
        folder = folder or top
        if top != folder or name in names or len(names) == MOST_FILES:
            raise Refused("E_ARCHIVE", f"{entry.name!r} is in another folder, there twice, or one file too many; do not use it")
        names.append(name)
        if name == layout.B3SUMS:
            listed = layout.read_checksums(content.read(1 << 20), name)
    if listed is None:
        raise Refused("E_MISSING", f"the archive has no {layout.B3SUMS}, so it is no release")
    for name in names:
        if name not in listed and name not in layout.SUMS:
            raise Refused("E_EXTRA", f"the archive holds {name}, which {layout.B3SUMS} does not list; nothing was extracted")
    return _write(archive, os.path.join(into, folder))


def _place(entry):
    """The folder and name of an entry that may be in a release."""
    if not entry.isreg():
        raise Refused("E_ARCHIVE", f"{entry.name!r} is no plain file (a link, a device or a folder below); nothing was extracted")
    parts = NAME.fullmatch(entry.name)
    if not parts:
        raise Refused("E_ARCHIVE", f"{entry.name!r} is not a file in the release's folder; nothing was extracted")
    return parts[1], parts[2]


def _write(archive, folder):
    os.mkdir(folder)
    for entry, content in _entries(archive):
        if entry.isreg():
            name = _place(entry)[1]
            mode = 0o755 if name in layout.BINARIES else 0o644
            handle = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as file:
                while chunk := content.read(1 << 20):
                    file.write(chunk)
    return folder


def _entries(archive):
    """Each entry with a reader of its content, in one pass."""
    total = 0
    try:
        with _unpacked(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for entry in tar:
                total += entry.size
                if total > MOST_BYTES:
                    raise Refused("E_ARCHIVE", f"the archive holds more than {MOST_BYTES} bytes; no release is so large")
                yield entry, tar.extractfile(entry) if entry.isreg() else None
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Refused("E_ARCHIVE", f"{archive} cannot be read as a tar archive: {error}; fetch it again") from None


class _unpacked:
    """The tar stream of an archive, from the program that unpacks it."""

    def __init__(self, archive):
        programs = {".zst": "zstd", ".gz": "gzip"}
        program = programs.get(os.path.splitext(archive)[1])
        if not program:
            raise Unusable(f"{archive} is neither a folder nor a .tar.zst or .tar.gz")
        self.command = [program, "-dc", "--", archive]

    def __enter__(self):
        try:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            raise Unusable(f"{self.command[0]} is missing; install it, or unpack the archive in a folder of its own") from None
        return self.process.stdout

    def __exit__(self, *_):
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait()
