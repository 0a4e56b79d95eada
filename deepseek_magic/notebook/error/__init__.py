"""The last failure: the exception, its frames and the cell."""
