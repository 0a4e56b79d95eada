"""Talk to the endpoint: request values, event values, the wire and the one HTTP client."""
