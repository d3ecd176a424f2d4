"""Writes the dependency baseline of this checkout: what `make dependency-baseline` does."""

import os

from . import lockfile, verify
from .failure import run


def main():
    """Writes the snapshot of Cargo.lock as the committed baseline."""
    with open(os.path.join(verify.ROOT, verify.BASELINE), "wb") as file:
        file.write(lockfile.snapshot(os.path.join(verify.ROOT, "Cargo.lock")))


if __name__ == "__main__":
    run("dependency-baseline", main)
