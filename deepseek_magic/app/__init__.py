"""The application: one road for a question, for magics, command line and Python."""
