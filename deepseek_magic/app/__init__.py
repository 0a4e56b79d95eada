"""The application layer: the one way to ask a question, for magics, command line and Python."""
