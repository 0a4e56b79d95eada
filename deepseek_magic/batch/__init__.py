"""One prompt over many values: each asked once, many at a time, and nothing that has come is lost."""
