"""The sentences that open the instructions for JSON; the demo recognises a request by them."""

RULES = (
    "Reply with one JSON object and nothing else: no text before or after it, no code fence, no comments. "
    "Write numbers without units or separators, and null for a value that is not known, where the schema allows it."
)
SCHEMA = "The object must fit this JSON Schema:\n"
EXAMPLE = "An example of the shape, with made-up values:\n"
