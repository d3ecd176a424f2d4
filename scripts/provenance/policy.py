"""Do a release's dependencies keep the committed policy? That is deny.toml (licences, bans, sources) and the dependency baseline."""

import re
import tomllib

from .failure import Refused

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
TOKEN = re.compile(r"\s*(\(|\)|/|[A-Za-z0-9.+-]+)")


def check_baseline(release, baseline):
    """Refuses dependencies that are not exactly the committed ones; both by name and version."""
    for package in sorted(release.keys() | baseline.keys()):
        name = " ".join(package)
        if package not in baseline:
            raise Refused("E_BASELINE", f"{name} is not in the committed dependency baseline; review it, or do not use the release")
        if package not in release:
            raise Refused("E_BASELINE", f"{name} of the committed dependency baseline is not in the release; it is of another tree")
        if release[package] != baseline[package]:
            raise Refused("E_BASELINE", f"{name} has another source or checksum than the committed baseline says; do not use it")


def read_deny(path):
    """The rules of deny.toml that a finished release can be held to; duplicates and advisories are `make deny`'s."""
    with open(path, "rb") as file:
        deny = tomllib.load(file)
    licenses, bans = deny.get("licenses", {}), deny.get("bans", {})
    exceptions = {_name(entry): set(entry["allow"]) for entry in licenses.get("exceptions", [])}
    banned = {_name(entry) for entry in bans.get("deny", [])}
    return {"allow": set(licenses.get("allow", [])), "exceptions": exceptions, "banned": banned}


def _name(entry):
    written = entry if isinstance(entry, str) else entry.get("crate") or entry["name"]
    return re.split(r"[@:]", written)[0]


def check_packages(packages, deny):
    """Refuses banned crates, and sources other than the registry."""
    for (name, version), (source, _) in packages.items():
        if name in deny["banned"]:
            raise Refused("E_POLICY", f"{name} {version} is banned by deny.toml; do not use the release")
        if source != REGISTRY:
            raise Refused("E_POLICY", f"{name} {version} comes from {source}; deny.toml allows the registry alone")


def check_licences(components, deny):
    """Refuses components whose licence cannot be met with what deny.toml allows."""
    for component in components:
        allowed = deny["allow"] | deny["exceptions"].get(component["name"], set())
        if not component["licence"] or not is_allowed(component["licence"], allowed):
            said = component["licence"] or "no licence"
            raise Refused("E_POLICY", f"{component['name']} {component['version']} has {said}, which deny.toml does not allow")


def is_allowed(expression, allowed):
    """Whether an SPDX licence expression can be met with the allowed licences; OR gives a choice, AND asks for both."""
    tokens = TOKEN.findall(expression)
    if "".join(tokens) != re.sub(r"\s", "", expression):
        return False
    try:
        met, rest = _either(tokens, allowed)
    except IndexError:
        return False
    return met and not rest


def _either(tokens, allowed):
    met, tokens = _both(tokens, allowed)
    # The slash is how crates wrote OR before SPDX.
    while tokens and tokens[0] in ("OR", "/"):
        other, tokens = _both(tokens[1:], allowed)
        met = met or other
    return met, tokens


def _both(tokens, allowed):
    met, tokens = _one(tokens, allowed)
    while tokens and tokens[0] == "AND":
        other, tokens = _one(tokens[1:], allowed)
        met = met and other
    return met, tokens


def _one(tokens, allowed):
    if tokens[0] == "(":
        met, tokens = _either(tokens[1:], allowed)
        return met and tokens[0] == ")", tokens[1:]
    if len(tokens) > 2 and tokens[1] == "WITH":
        return f"{tokens[0]} WITH {tokens[2]}" in allowed, tokens[3:]
    return tokens[0] in allowed, tokens[1:]
