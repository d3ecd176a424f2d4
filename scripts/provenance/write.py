"""Builds the release of a tag and describes it: binaries, what they are made of, a statement about it, checksums. What it runs of
the tag has no environment, and no key is here to be found: signing is another step (sign). See release_provenance.sh.
"""

import argparse
import os
import shutil
import tempfile

from . import checkout, compare, digest, dsse, facts, layout, lockfile, sbom, source_hash, source_tree, statement, verify
from .failure import Refused, Unusable, run
from .programs import confined, output

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Which package each binary is of.
PACKAGES = {layout.NODE: "the_block", layout.WALLET: "cli"}


def arguments():
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="release_provenance.sh", description="Build and describe the release of a git tag.")
    parser.add_argument("tag", metavar="TAG", help="the tag, or another name of a commit")
    parser.add_argument("--out", metavar="DIR", default="releases", help="where the release's folder goes (default: releases)")
    parser.add_argument("--profile", choices=("release", "dev"), default="release")
    parser.add_argument("--binaries", metavar="DIR", help="binaries that others built; refused unless the tag gives the same")
    parser.add_argument("--builder", metavar="URI", default=statement.LOCAL_BUILDER, help="who builds, for the statement")
    parser.add_argument("--repository", metavar="DIR", default=os.path.dirname(SCRIPTS), help="the git repository of the tag")
    return parser.parse_args()


def main():
    """Writes the release under a temporary name, recomputes every digest of it, and gives it its name."""
    told = arguments()
    require_binaries(told.binaries)
    source, time = checkout.resolve(told.repository, told.tag)
    os.makedirs(told.out, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=told.out) as work:
        work = os.path.realpath(work)
        # What a child leaves that is killed goes with the rest.
        os.environ["TMPDIR"] = work
        root, laid = lay_out(told.repository, source, work)
        folder = os.path.join(work, "release")
        os.mkdir(folder)
        built = build(told, root, folder, time)
        require_source(told, root, built)
        describe(root, work, folder, built)
        write(folder, source, built, told)
        recheck(root, laid, work, folder, built)
        name = f"the-block-{told.tag.replace('/', '-')}-{facts.platform(os.path.join(folder, layout.NODE))}"
        publish(told, work, name)


def require_binaries(taken):
    """Refuses a folder of binaries that lacks one, before an hour is spent on building."""
    for name in layout.BINARIES if taken else ():
        if not os.path.isfile(os.path.join(taken, name)):
            raise Unusable(f"there is no {name} in {taken}; give both binaries, or leave --binaries out")


def lay_out(repository, source, work):
    """Writes the tree that is built from; gives its folder, and its listing. The rest of the checkout goes before anything runs."""
    whole, root = os.path.join(work, "checkout"), os.path.join(work, "source")
    checkout.write(repository, source, whole)
    source_tree.lay_out(whole, root)
    shutil.rmtree(whole)
    return root, digest.listing(root)


def build(told, root, folder, time):
    """Builds the binaries, compares those that were taken, and asks the node's what it is."""
    origin = os.path.join(os.path.dirname(root), "binaries")
    command = (os.path.join(SCRIPTS, "build_release.sh"), "--source", root, "--out", origin, "--profile", told.profile)
    output(*command, env={**os.environ, "SOURCE_DATE_EPOCH": time})
    for name in layout.BINARIES:
        path = os.path.join(origin, name)
        if told.binaries:
            require_same(path, os.path.join(told.binaries, name), told.tag)
        # By a process that is gone when the copy is run: a file somebody writes to cannot be executed.
        output("cp", path, os.path.join(folder, name))
        os.chmod(os.path.join(folder, name), 0o755)
    return facts.of_binary(os.path.join(folder, layout.NODE))


def require_same(built, taken, tag):
    """Refuses a binary that was taken and is not, byte for byte, what the tag gives."""
    ours, theirs = compare.read(built), compare.read(taken)
    if ours != theirs:
        raise Refused("E_DIFFERS", f"{taken} is not what {tag} builds: {compare.difference(ours, theirs)}")


def require_source(told, root, built):
    """Refuses a build that says another source or profile of itself than what it was built from."""
    compiled = source_hash.of_tree(root, built)
    if built["source_hash"] != compiled:
        raise Refused("E_SOURCE_HASH", f"the-block says it is of source {built['source_hash']}, and {told.tag} is {compiled}")
    wanted = {"release": "release", "dev": "debug"}[told.profile]
    if built["profile"].split(" ")[0] != wanted:
        raise Refused("E_SOURCE_HASH", f"the-block says it was built with profile {built['profile']}, not {told.profile}")


def describe(root, work, folder, built):
    """Writes what the binaries are made of: vendor tree, dependency snapshot, bills of materials."""
    vendor = os.path.join(work, "vendor")
    confined("cargo", "vendor", "--locked", "--quiet", "--versioned-dirs", vendor, cwd=root, network=True)
    keep(folder, layout.VENDOR, digest.listing(vendor))
    keep(folder, layout.DEPENDENCIES, lockfile.snapshot(os.path.join(root, "Cargo.lock")))
    for binary, package in PACKAGES.items():
        keep(folder, layout.sbom(binary), sbom.make(root, package, built["target"]))


def write(folder, source, built, told):
    """Writes the statement, its envelope that nobody has signed, the facts for a proposal, and the checksums of it all."""
    payload = statement.encode(statement.make(folder, source, built, told.builder))
    keep(folder, layout.STATEMENT, payload)
    keep(folder, layout.ENVELOPE, statement.encode(dsse.envelope(payload, [])))
    keep(folder, layout.FACTS, statement.encode(facts.make(folder, statement.read(payload))))
    layout.write_checksums(folder)


def recheck(root, laid, work, folder, built):
    """Refuses what was written unless everything, computed again, agrees, and building changed nothing of its source."""
    said, _, _ = verify.check_folder(folder)
    if built["build_hash"] != said["files"][layout.NODE]["blake3"]:
        raise Refused("E_CHECKSUM", f"the-block measures itself as {built['build_hash']}; it was changed while it was copied")
    if digest.blake3_bytes(digest.listing(os.path.join(work, "vendor"))) != said["vendor_tree_hash"]:
        raise Refused("E_CHECKSUM", "the vendor tree changed while the release was written")
    if digest.listing(root) != laid:
        raise Refused("E_SOURCE", "building changed the source that it was built from; a build script writes outside of OUT_DIR")


def publish(told, work, name):
    """Gives the folder its name, in one step; nothing that is there is replaced."""
    target = os.path.join(told.out, name)
    if os.path.exists(target):
        raise Refused("E_EXISTS", f"{target} is there already; a release is written once, move the old one away")
    os.rename(os.path.join(work, "release"), target)
    print(target)


def keep(folder, name, content):
    """Writes one file of the release."""
    with open(os.path.join(folder, name), "xb") as file:
        file.write(content)


if __name__ == "__main__":
    run("release_provenance", main)
