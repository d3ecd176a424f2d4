"""Makes and reads tokens with PyJWT, which knows nothing of ours:

    python tokens.py make SEED CLAIMS     prints a token, signed by the key of a seed in hex
    python tokens.py read ACCOUNT TOKEN   prints what a token says, when the key of that account signed it
"""

import json
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

act, key, given = sys.argv[1:]
if act == "make":
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
    print(jwt.encode(json.loads(given), private, algorithm="EdDSA"))
else:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    options = {"verify_aud": False, "verify_iss": False, "verify_sub": False}
    print(json.dumps(jwt.decode(given, public, algorithms=["EdDSA"], options=options)))
