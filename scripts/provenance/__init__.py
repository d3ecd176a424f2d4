"""What a release is made of, written down so that others can check it.

`write` makes a release folder from a git tag, `sign` signs one, `verify` checks one, `compare` says where two binaries differ. What each digest
covers is defined in docs/operations/provenance.md; every file here answers one question about it. Only Python's own library,
and b3sum and openssl as programs.
"""
