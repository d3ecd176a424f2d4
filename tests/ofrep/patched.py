"""Writes OFREP's own OpenAPI document with the four patches that this product needs, each with its reason:

    python patched.py openapi.yaml > patched.yaml

Whoever changes a patched line upstream makes this fail, so that the patch is looked at again."""

import sys

ONE_FLAG = """        - oneOf:
            - $ref: "#/components/schemas/booleanFlag"
"""
BULK_ITEMS = """            oneOf:
              - $ref: "#/components/schemas/evaluationSuccess"
              - $ref: "#/components/schemas/evaluationFailure"
"""
REASONS = "              enum: [STATIC, TARGETING_MATCH, SPLIT, DISABLED, UNKNOWN]\n"
SINGLE_404 = """        "404":
          description: Flag not found. The specified flag key does not exist in the flag management system.
"""
BULK_304 = """        "304":
"""
SINGLE_FAILURE = """          content:
            application/json:
              schema:
                $ref: "#/components/schemas/evaluationFailure"
"""
BULK_FAILURE = SINGLE_FAILURE.replace("evaluationFailure", "bulkEvaluationFailure")


def statuses(failure, *codes):
    said = {"404": "No such plan here.", "405": "Another method.", "413": "Too large.", "503": "Not ready."}
    return "".join(f'        "{code}":\n          description: {said[code]}\n{failure}' for code in codes)


PATCHES = [
    # `codeDefaultFlag` has no properties, so every answer with a value matches it and another: it can never be exactly one.
    (ONE_FLAG, ONE_FLAG.replace("oneOf", "anyOf")),
    # For the same reason a success with a key matches more than one branch.
    (BULK_ITEMS, BULK_ITEMS.replace("oneOf", "anyOf")),
    # OpenFeature's own reasons have DEFAULT, and so has the reference implementation.
    (REASONS, REASONS.replace("[STATIC,", "[STATIC, DEFAULT,")),
    # Statuses that HTTP asks for and the document leaves out, of one flag and of all.
    (SINGLE_404, statuses(SINGLE_FAILURE, "405", "413", "503") + SINGLE_404),
    (BULK_304, statuses(BULK_FAILURE, "404", "405", "413", "503") + BULK_304),
]

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
for before, after in PATCHES:
    if text.count(before) != 1:
        sys.exit(f"a patch fits {text.count(before)} times, where it should once; look at it again:\n{before}")
    text = text.replace(before, after)
sys.stdout.write(text)
