"""The sources of context, one module each."""
