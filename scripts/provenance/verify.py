"""Checks a release: its own checksums, what it says about itself, who says so, the committed policy, and the chain."""

import argparse
import os
import re
import tempfile

from . import archive, chain, digest, dsse, facts, layout, lockfile, manifest, policy, sbom, statement
from .failure import Refused, Unusable, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BASELINE = "config/dependency_baseline.txt"


def arguments():
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="verify_release.sh", description="Check a downloaded release.")
    parser.add_argument("release", metavar="ARCHIVE_OR_DIR", help="a .tar.zst, a .tar.gz or a folder")
    parser.add_argument("--rpc", metavar="URL", help="a node of yours, to hold the release against chain state")
    parser.add_argument("--signer", metavar="HEX", action="append", default=[], help="a key you trust; repeatable")
    parser.add_argument("--threshold", metavar="N", type=int, help="how many of them have to have signed (default: all)")
    parser.add_argument("--policy", metavar="DIR", default=ROOT, help="the checkout with the policy (default: this one)")
    parser.add_argument("--contract", metavar="FILE", default="contract", help="the command that asks the node; yours, not the release's")
    return parser.parse_args()


def main():
    """Checks everything that can be checked with what is given."""
    told = arguments()
    trusted = trusted_signers(told)
    threshold = len(trusted) if told.threshold is None else told.threshold
    if not 1 <= threshold <= len(trusted):
        raise Unusable(f"--threshold {threshold} cannot be asked of {len(trusted)} trusted signers; say 1 to {len(trusted)}")
    if not os.path.exists(told.release):
        raise Unusable(f"there is no {told.release}")
    with tempfile.TemporaryDirectory(prefix="verify-release-") as work:
        folder = told.release if os.path.isdir(told.release) else archive.extract(told.release, work)
        said, payload, signatures = check_folder(folder)
        signers = dsse.require(payload, signatures, trusted, threshold)
        found = facts.check(folder, said)
        check_policy(folder, told.policy)
        signed = f"signed by {len(signers)} of {len(trusted)} trusted signers"
        print(f"{found['build_hash']} {found['version']} {found['platform']}: {signed}; files, statement and policy agree")
        if told.rpc:
            approved = chain.ask(told.contract, told.rpc, "gov", "release", found["build_hash"])
            manifest.require_signed(approved, chain.ask(told.contract, told.rpc, "status")["chain_id"])
            unnamed = chain.compare(approved, found)
            print("; it does not name ".join(["the chain approves this release", *filter(None, [", ".join(unnamed)])]))
        else:
            print("chain state was not asked; add --rpc URL to see whether this release is approved")


def trusted_signers(told):
    """The keys the operator trusts: the options, else the variable, else the file it names, else the committed list."""
    text, place = ",".join(told.signer), "--signer"
    if not text and os.environ.get("TB_RELEASE_SIGNERS"):
        text, place = os.environ["TB_RELEASE_SIGNERS"], "TB_RELEASE_SIGNERS"
    if not text:
        place = os.environ.get("TB_RELEASE_SIGNERS_FILE") or os.path.join(told.policy, "config/release_signers.txt")
        text = text_of(place) if os.path.exists(place) else ""
    keys = {key.lower().removeprefix("0x") for key in re.split(r"[,\s]+", re.sub(r"#.*", "", text)) if key}
    for key in keys:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise Unusable(f"{place}: {key!r} is not a release signer's key; write 64 hex digits")
    if not keys:
        raise Unusable("no signer is trusted; name one with --signer HEX or in TB_RELEASE_SIGNERS, as `contract gov signers` lists them")
    return keys


def text_of(place):
    """A file as editors save it: the mark of UTF-8 is passed over, and what is no UTF-8 is refused."""
    try:
        return read(place).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable(f"{place} is not UTF-8; save it as UTF-8") from None


def check_folder(folder):
    """Refuses a folder that is not one whole release, whoever signed it; gives what its statement says, the statement, and the
    signatures, none of them believed yet.
    """
    layout.check_files(folder)
    payload, signatures = dsse.open_envelope(read(folder, layout.ENVELOPE))
    if payload != read(folder, layout.STATEMENT):
        raise Refused("E_MIXMATCH", f"{layout.ENVELOPE} and {layout.STATEMENT} are not of the same release; fetch it again")
    said = statement.read(payload)
    statement.check(said, folder)
    packages = lockfile.read(read(folder, layout.DEPENDENCIES), layout.DEPENDENCIES)
    check_vendor(read(folder, layout.VENDOR), packages)
    for binary in layout.BINARIES:
        name = layout.sbom(binary)
        sbom.check(sbom.read(read(folder, name), name), packages, name)
    return said, payload, signatures


def check_vendor(listing, packages):
    """Refuses a vendor tree that is not that of the dependency snapshot."""
    vendored = {line.split("  ", 1)[-1].split("/")[0] for line in listing.decode().splitlines()}
    expected = {f"{name}-{version}" for name, version in packages}
    if vendored != expected:
        odd = sorted(vendored ^ expected)[0]
        raise Refused("E_MIXMATCH", f"the vendor tree and the dependency snapshot differ in whether they have {odd}")


def check_policy(folder, checkout):
    """Refuses a release whose dependencies are not those that the checkout's policy allows."""
    packages = lockfile.read(read(folder, layout.DEPENDENCIES), layout.DEPENDENCIES)
    policy.check_baseline(packages, lockfile.read(read(checkout, BASELINE), BASELINE))
    deny = policy.read_deny(os.path.join(checkout, "deny.toml"))
    policy.check_packages(packages, deny)
    for binary in layout.BINARIES:
        components = sbom.read(read(folder, layout.sbom(binary)), layout.sbom(binary))
        policy.check_licences(components, deny)


def read(*path):
    """The content of a file."""
    with open(os.path.join(*path), "rb") as file:
        return file.read()


if __name__ == "__main__":
    run("verify_release", main)
