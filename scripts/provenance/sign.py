"""Signs a release folder that was built: checks that it is one whole release, adds signatures to its envelope, lists it again. It
reads the folder and runs nothing of it, so that keys and what a tag runs never meet. See sign_release.sh.
"""

import argparse
import os

from . import archive, dsse, facts, layout, statement, verify
from .failure import Refused, Unusable, run


def arguments():
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="sign_release.sh", description="Sign a release that was built.")
    parser.add_argument("release", metavar="DIR", help="the folder that release_provenance.sh wrote")
    parser.add_argument("--key", metavar="FILE", action="append", required=True, help="an Ed25519 key (PEM) that signs; repeatable")
    parser.add_argument("--archive", action="store_true", help="pack the folder as .tar.zst beside it, too")
    return parser.parse_args()


def main():
    """Signs, and checks what is signed."""
    told = arguments()
    for key in told.key:
        if not os.path.isfile(key):
            raise Unusable(f"there is no key file {key}; make one with `contract keys generate`")
    if not os.path.isdir(told.release):
        raise Unusable(f"there is no folder {told.release}; name the one that release_provenance.sh wrote")
    folder = os.path.realpath(told.release)
    packed = f"{folder}.tar.zst"
    if told.archive and os.path.exists(packed):
        raise Refused("E_EXISTS", f"{packed} is there already; move it away, what was signed before is in it")
    said, payload, present = verify.check_folder(folder)
    found = facts.check(folder, said)
    signatures = dsse.sign(payload, present, told.key)
    dsse.check(payload, signatures)
    layout.write_whole(os.path.join(folder, layout.ENVELOPE), statement.encode(dsse.envelope(payload, signatures)))
    layout.write_checksums(folder)
    if told.archive:
        archive.pack(folder, packed)
    signers = ", ".join(key for key, _ in signatures)
    print(f"{found['build_hash']} {found['version']} of commit {found['source_commit']}: signed by {signers}")


if __name__ == "__main__":
    run("sign_release", main)
