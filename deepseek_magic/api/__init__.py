"""Talk to the endpoint: values for requests and events, encoding and decoding, and the one HTTP client."""
