"""Asks a node for the values of flags as a service in Python does, with the OpenFeature SDK and its OFREP provider as they are published:

    python provider.py BASE_URL TOKEN QUESTIONS

QUESTIONS is a JSON list of {key, kind, fallback, context}; kind is boolean, string, integer, float or object. Prints a JSON list of
{value, type, reason, variant, errorCode}, one for each; `type` is that of Python."""

import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

base_url, token, questions = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}"} if token else {}
api.set_provider(OFREPProvider(base_url, headers_factory=lambda: headers))
client = api.get_client()
ask = {
    "boolean": client.get_boolean_details,
    "string": client.get_string_details,
    "integer": client.get_integer_details,
    "float": client.get_float_details,
    "object": client.get_object_details,
}
answers = []
for question in json.loads(questions):
    context = dict(question.get("context", {}))
    key = context.pop("targetingKey", None)
    told = EvaluationContext(targeting_key=key, attributes=context)
    details = ask[question["kind"]](question["key"], question["fallback"], told)
    answers.append(
        {
            "value": details.value,
            "type": type(details.value).__name__,
            "reason": details.reason and str(getattr(details.reason, "value", details.reason)),
            "variant": details.variant,
            "errorCode": details.error_code and str(details.error_code.value),
        }
    )
print(json.dumps(answers))
