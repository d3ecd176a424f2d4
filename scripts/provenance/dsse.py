"""How is a statement signed? As a DSSE envelope, version 1: Ed25519 over the pre-authentication encoding of type and payload.

https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
"""

import base64
import binascii
import json
import os
import re
import tempfile

from .failure import Refused, Unusable
from .programs import output

PAYLOAD_TYPE = "application/vnd.in-toto+json"
# The start of a public key in DER, before its 32 bytes (RFC 8410).
PUBLIC_KEY_DER = bytes.fromhex("302a300506032b6570032100")


def pae(payload):
    """What is signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(payload, signatures):
    """The payload with signatures: pairs of the public key in hex and the signature."""
    listed = [{"keyid": key, "sig": _base64(signature)} for key, signature in signatures]
    return {"payload": _base64(payload), "payloadType": PAYLOAD_TYPE, "signatures": listed}


def sign(payload, signatures, keys):
    """The signatures that are there, each of them checked, with one by each key file (PEM) that has none among them."""
    check(payload, signatures)
    signatures = list(signatures)
    for key in keys:
        public = public_key(key)
        if public not in (signer for signer, _ in signatures):
            signatures.append((public, _sign(key, payload)))
    return signatures


def public_key(key):
    """The public key of a key file, in hex."""
    der = output("openssl", "pkey", "-in", str(key), *_passphrase(), "-pubout", "-outform", "DER")
    if not der.startswith(PUBLIC_KEY_DER):
        raise Unusable(f"{key} is not an Ed25519 key; make one with `contract keys generate`")
    return der[len(PUBLIC_KEY_DER) :].hex()


def open_envelope(content):
    """The payload and signatures of an envelope, none of them believed yet."""
    try:
        read = json.loads(content)
        signatures = [(entry["keyid"].lower(), base64.b64decode(entry["sig"], validate=True)) for entry in read["signatures"]]
        if read["payloadType"] != PAYLOAD_TYPE:
            raise ValueError(f"its payload is of type {read['payloadType']}, not {PAYLOAD_TYPE}")
        for key, _ in signatures:
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ValueError(f"{key!r} is no key in hex")
        return base64.b64decode(read["payload"], validate=True), signatures
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise Refused("E_SIGNATURE", f"the envelope is not DSSE: {error!r}; fetch the release again") from None


def check(payload, signatures):
    """Refuses signatures that are not those of the keys that name them."""
    for key, signature in signatures:
        if not verifies(key, signature, pae(payload)):
            raise Refused("E_SIGNATURE", f"the signature of {key} is not one over this statement; do not use this release")


def require(payload, signatures, trusted, threshold):
    """Refuses a statement that fewer than `threshold` of the trusted keys have signed; gives those who did. A key counts once, and
    a wrong signature under a trusted name is refused, whoever else signed.
    """
    if not signatures:
        raise Refused("E_UNSIGNED", "nobody has signed the provenance statement; do not use this release")
    ours = [(key, signature) for key, signature in signatures if key in trusted]
    if not ours:
        named = ", ".join(key for key, _ in signatures)
        raise Refused("E_SIGNER", f"no trusted signer has signed the provenance statement, but {named}; do not use this release")
    check(payload, ours)
    signers = {key for key, _ in ours}
    if len(signers) < threshold:
        missing = ", ".join(sorted(trusted - signers))
        said = f"{len(signers)} of {len(trusted)} trusted signers signed the provenance statement, and {threshold} have to"
        raise Refused("E_SIGNER", f"{said}; without the signature of {missing}, do not use this release")
    return signers


def _base64(data):
    return base64.b64encode(data).decode()


def _passphrase():
    return ("-passin", "env:TB_KEY_PASSPHRASE") if os.environ.get("TB_KEY_PASSPHRASE") else ()


def _sign(key, payload):
    with _as_file(pae(payload)) as message:
        return output("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), *_passphrase(), "-in", message)


def verifies(key, signature, message):
    """Whether a signature is one of a key over a message."""
    der = PUBLIC_KEY_DER + bytes.fromhex(key)
    with _as_file(message) as read, _as_file(der) as public, _as_file(signature) as signed:
        arguments = ("-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", public, "-sigfile", signed, "-in", read)
        try:
            output("openssl", "pkeyutl", *arguments)
        except Refused:
            return False
        return True


class _as_file:
    """Bytes as a file that openssl can read; it needs to know the size of what it signs."""

    def __init__(self, data):
        self.data = data

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(self.data)
        self.file.flush()
        return self.file.name

    def __exit__(self, *_):
        self.file.close()
