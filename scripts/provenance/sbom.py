"""What is a binary made of? A CycloneDX bill of materials in JSON, by cargo-cyclonedx, in a form that does not depend on the
machine: without time and serial number, and with /the-block in place of the folder it was made in. What only a feature that is
off would bring is left out: cargo-cyclonedx reads `cargo metadata`, which lists it, and builds follow `cargo tree`, which does not.
"""

import json
import os

from . import statement
from .failure import Refused
from .programs import confined

SPECIFICATION = "1.5"
ROOT = "/the-block"


def make(root, package, target):
    """The bill of materials of a package of the tree at `root`; leaves no file behind there."""
    name = "bill-of-materials"
    arguments = ("--format", "json", "--spec-version", SPECIFICATION, "--target", target, "--override-filename", name)
    confined("cargo", "cyclonedx", "--quiet", "--manifest-path", os.path.join(root, "Cargo.toml"), *arguments, cwd=root)
    found = None
    for folder, _, names in os.walk(root):
        if f"{name}.json" in names:
            path = os.path.join(folder, f"{name}.json")
            with open(path, encoding="utf-8") as file:
                made = json.load(file)
            os.remove(path)
            found = made if made["metadata"]["component"]["name"] == package else found
    if not found:
        raise Refused("E_PROGRAM", f"cargo cyclonedx wrote no bill of materials for {package}")
    return _plain(_built(found, _resolved(root, target)), root)


def _resolved(root, target):
    """Name and version of every package that a build of the workspace takes, for its platform and features."""
    arguments = ("--workspace", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--target", target)
    lines = confined("cargo", "tree", *arguments, cwd=root).decode().splitlines()
    return {tuple(line.split(" ")[:2]) for line in lines if line}


def _built(bill, resolved):
    """The bill without packages that are not built."""
    is_built = lambda component: (component["name"], f"v{component['version']}") in resolved
    dropped = {component["bom-ref"] for component in bill["components"] if not is_built(component)}
    bill["components"] = [component for component in bill["components"] if component["bom-ref"] not in dropped]
    bill["dependencies"] = [entry for entry in bill["dependencies"] if entry["ref"] not in dropped]
    for entry in bill["dependencies"]:
        if "dependsOn" in entry:
            entry["dependsOn"] = [reference for reference in entry["dependsOn"] if reference not in dropped]
    return bill


def _plain(bill, root):
    bill.pop("serialNumber", None)
    bill["metadata"].pop("timestamp", None)
    return statement.encode(json.loads(json.dumps(bill).replace(root, ROOT)))


def read(content, where):
    """The components of a bill of materials: name, version, whether of the registry, SHA-256, licence."""
    try:
        bill = json.loads(content)
        if bill["bomFormat"] != "CycloneDX" or bill["specVersion"] != SPECIFICATION:
            raise ValueError(f"it is {bill['bomFormat']} {bill['specVersion']}")
        return [_component(component) for component in bill["components"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("E_SBOM", f"{where} is not a CycloneDX {SPECIFICATION} bill of materials: {error!r}") from None


def _component(component):
    hashes = {entry["alg"]: entry["content"] for entry in component.get("hashes", [])}
    licences = [entry.get("expression") or _named(entry["license"]) for entry in component.get("licenses", [])]
    return {
        "name": component["name"],
        "version": component["version"],
        "ours": component["bom-ref"].startswith("path+"),
        "sha256": hashes.get("SHA-256"),
        "licence": " AND ".join(f"({licence})" for licence in licences),
    }


def _named(licence):
    # One that is no SPDX licence has a name alone, which no policy allows.
    return licence.get("id") or licence["name"]


def check(components, packages, where):
    """Refuses a bill of materials that names what the dependency snapshot (by name and version) does not have (T4)."""
    for component in components:
        name, version = component["name"], component["version"]
        if component["ours"]:
            continue
        if (name, version) not in packages:
            raise Refused("E_MIXMATCH", f"{where} names {name} {version}, which the dependency snapshot does not have")
        if packages[(name, version)][1] != component["sha256"]:
            raise Refused("E_MIXMATCH", f"{where} has another checksum for {name} {version} than the dependency snapshot")
