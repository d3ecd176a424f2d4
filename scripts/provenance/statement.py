"""What does the provenance statement say? in-toto Statement v1 with the SLSA v1 provenance predicate.

It holds no time and no machine: the same tag built again gives the same statement, so that its digest can be on chain.
https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, https://slsa.dev/spec/v1.0/provenance
"""

import json
import os

from . import digest, layout
from .failure import Refused

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:the-block:build:scripts/build_release.sh:v1"
LOCAL_BUILDER = "urn:the-block:builder:local"


def encode(document):
    """JSON in the one form in which these scripts write it."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def make(folder, source, facts, builder):
    """The statement about the files in `folder`, built from `source` (ref, commit, tree) with `facts` of the binary."""
    return {
        "_type": TYPE,
        "subject": [_described(folder, name) for name in layout.BINARIES],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"ref": source["ref"], "profile": facts["profile"]},
                "internalParameters": {name: facts[name] for name in ("rustc", "source_hash", "target", "version")},
                "resolvedDependencies": [
                    {
                        "name": "source",
                        "uri": f"git+the-block@{source['ref']}",
                        "digest": {"gitCommit": source["commit"], "gitTree": source["tree"]},
                    },
                    {"name": "vendor-tree", "digest": {"blake3": digest.blake3(os.path.join(folder, layout.VENDOR))}},
                    {"name": "rust-toolchain", "annotations": {"rustc": facts["rustc"]}},
                ],
            },
            "runDetails": {
                "builder": {"id": builder},
                "byproducts": [_described(folder, name) for name in layout.DESCRIBED],
            },
        },
    }


def _described(folder, name):
    path = os.path.join(folder, name)
    return {"name": name, "digest": {"blake3": digest.blake3(path), "sha256": digest.sha256(path)}}


def read(payload):
    """A statement as facts: what it says about files, source and builder."""
    try:
        said = json.loads(payload)
        if (said["_type"], said["predicateType"]) != (TYPE, PREDICATE):
            raise ValueError(f"its types are {said['_type']} and {said['predicateType']}")
        definition, run = said["predicate"]["buildDefinition"], said["predicate"]["runDetails"]
        if definition["buildType"] != BUILD_TYPE:
            raise ValueError(f"its build type is {definition['buildType']}")
        resolved = {entry["name"]: entry.get("digest", {}) for entry in definition["resolvedDependencies"]}
        return {
            "files": {entry["name"]: entry["digest"] for entry in said["subject"] + run["byproducts"]},
            "source": {**resolved["source"], **definition["externalParameters"]},
            "vendor_tree_hash": resolved["vendor-tree"]["blake3"],
            "build": definition["internalParameters"],
            "builder": run["builder"]["id"],
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("E_STATEMENT", f"the provenance statement is not one of this project's: {error!r}") from None


def check(said, folder):
    """Refuses a statement that is about other files than those in `folder` (T4)."""
    described = {*layout.BINARIES, *layout.DESCRIBED}
    if said["files"].keys() != described:
        odd = sorted(said["files"].keys() ^ described)[0]
        raise Refused("E_STATEMENT", f"the provenance statement and this release differ in whether they have {odd}")
    for name, digests in said["files"].items():
        if digests != _described(folder, name)["digest"]:
            raise Refused("E_MIXMATCH", f"{name} is not the file that the provenance statement describes; it is of another release")
    if said["vendor_tree_hash"] != said["files"][layout.VENDOR]["blake3"]:
        raise Refused("E_MIXMATCH", "the provenance statement names another vendor tree than the one that is listed")
