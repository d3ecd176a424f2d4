"""Writes a release folder for a tag: binaries, what they are made of, a statement about it, checksums. See release_provenance.sh."""

import argparse
import os
import shutil
import tempfile

from . import checkout, digest, dsse, facts, layout, lockfile, sbom, source_hash, statement, verify
from .failure import Refused, Unusable, run
from .programs import output

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Which package each binary is of.
PACKAGES = {layout.NODE: "the_block", layout.WALLET: "cli"}


def arguments():
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="release_provenance.sh", description="Write a release folder for a git tag.")
    parser.add_argument("tag", metavar="TAG", help="the tag, or another name of a commit")
    parser.add_argument("--out", metavar="DIR", default="releases", help="where the release's folder goes (default: releases)")
    parser.add_argument("--key", metavar="FILE", action="append", default=[], help="an Ed25519 key (PEM) that signs; repeatable")
    parser.add_argument("--profile", choices=("release", "dev"), default="release")
    parser.add_argument("--binaries", metavar="DIR", help="take the binaries from here; they must be of the tag's very source")
    parser.add_argument("--builder", metavar="URI", default=statement.LOCAL_BUILDER, help="who builds, for the statement")
    parser.add_argument("--repository", metavar="DIR", default=os.path.dirname(SCRIPTS), help="the git repository of the tag")
    parser.add_argument("--archive", action="store_true", help="pack the folder as .tar.zst beside it, too")
    return parser.parse_args()


def main():
    """Writes the release under a temporary name, recomputes every digest of it, and gives it its name."""
    told = arguments()
    for key in told.key:
        if not os.path.isfile(key):
            raise Unusable(f"there is no key file {key}; make one with `contract keys generate`")
    source, time = checkout.resolve(told.repository, told.tag)
    os.makedirs(told.out, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=told.out) as work:
        root = os.path.join(os.path.realpath(work), "source")
        checkout.write(told.repository, source, root)
        folder = os.path.join(work, "release")
        os.mkdir(folder)
        built = take_binaries(told, root, folder, time)
        require_source(told, root, built)
        describe(root, work, folder, built)
        sign(folder, source, built, told)
        recheck(told, source, root, work, folder, built)
        name = f"the-block-{told.tag.replace('/', '-')}-{facts.platform(os.path.join(folder, layout.NODE))}"
        publish(told, work, name, time)


def take_binaries(told, root, folder, time):
    """Builds the binaries or takes those named, and asks the node's what it is."""
    origin = told.binaries
    if not origin:
        origin = os.path.join(os.path.dirname(root), "binaries")
        build = (os.path.join(SCRIPTS, "build_release.sh"), "--source", root, "--out", origin, "--profile", told.profile)
        output(*build, env={**os.environ, "SOURCE_DATE_EPOCH": time})
    for name in layout.BINARIES:
        path = os.path.join(origin, name)
        if not os.path.isfile(path):
            raise Unusable(f"there is no {name} in {origin}; build both binaries, or leave --binaries out")
        # By a process that is gone when the copy is run: a file somebody writes to cannot be executed.
        output("cp", path, os.path.join(folder, name))
        os.chmod(os.path.join(folder, name), 0o755)
    return facts.of_binary(os.path.join(folder, layout.NODE))


def describe(root, work, folder, built):
    """Writes what the binaries are made of: vendor tree, dependency snapshot, bills of materials."""
    vendor = os.path.join(work, "vendor")
    output("cargo", "vendor", "--locked", "--quiet", "--versioned-dirs", os.path.abspath(vendor), cwd=root)
    keep(folder, layout.VENDOR, digest.listing(vendor))
    keep(folder, layout.DEPENDENCIES, lockfile.snapshot(os.path.join(root, "Cargo.lock")))
    for binary, package in PACKAGES.items():
        keep(folder, layout.sbom(binary), sbom.make(root, package, built["target"]))


def sign(folder, source, built, told):
    """Writes the statement, its envelope, the facts for a proposal, and the checksums of it all."""
    payload = statement.encode(statement.make(folder, source, built, told.builder))
    keep(folder, layout.STATEMENT, payload)
    keep(folder, layout.ENVELOPE, statement.encode(dsse.envelope(payload, told.key)))
    keep(folder, layout.FACTS, statement.encode(facts.make(folder, statement.read(payload))))
    layout.write_checksums(folder)


def require_source(told, root, built):
    """Refuses binaries that were not built from the tag's very source with the profile asked for."""
    compiled = source_hash.of_tree(root, built)
    if built["source_hash"] != compiled:
        raise Refused("E_SOURCE_HASH", f"the-block was built from source {built['source_hash']}, and {told.tag} is {compiled}")
    wanted = {"release": "release", "dev": "debug"}[told.profile]
    if built["profile"].split(" ")[0] != wanted:
        raise Refused("E_SOURCE_HASH", f"the-block was built with profile {built['profile']}, not {told.profile}")


def recheck(told, source, root, work, folder, built):
    """Refuses what was written unless everything, computed again, agrees, and the source is still the tag's."""
    said = verify.check_folder(folder, {dsse.public_key(key) for key in told.key})
    if built["build_hash"] != said["files"][layout.NODE]["blake3"]:
        raise Refused("E_CHECKSUM", f"the-block measures itself as {built['build_hash']}; it was changed while it was copied")
    if digest.blake3_bytes(digest.listing(os.path.join(work, "vendor"))) != said["vendor_tree_hash"]:
        raise Refused("E_CHECKSUM", "the vendor tree changed while the release was written")
    if said["source"]["gitTree"] != source["tree"]:
        raise Refused("E_STATEMENT", "the statement names another tree than the tag")
    checkout.check(told.repository, source, root)


def publish(told, work, name, time):
    """Gives the folder its name, in one step; nothing that is there is replaced."""
    target = os.path.join(told.out, name)
    archive = f"{target}.tar.zst"
    for path in (target, archive):
        if os.path.exists(path):
            raise Refused("E_EXISTS", f"{path} is there already; a release is written once, move the old one away")
    os.rename(os.path.join(work, "release"), os.path.join(work, name))
    if told.archive:
        packed = os.path.join(work, "packed.tar")
        steady = ("--sort=name", f"--mtime=@{time}", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX")
        output("tar", *steady, "-C", work, "-cf", packed, name)
        output("zstd", "-q", "-9", "-T0", packed, "-o", f"{packed}.zst")
        os.rename(f"{packed}.zst", archive)
    os.rename(os.path.join(work, name), target)
    print(target)


def keep(folder, name, content):
    """Writes one file of the release."""
    with open(os.path.join(folder, name), "xb") as file:
        file.write(content)


if __name__ == "__main__":
    run("release_provenance", main)
