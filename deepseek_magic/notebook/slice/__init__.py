"""Which cells a name comes from, read from their source."""
