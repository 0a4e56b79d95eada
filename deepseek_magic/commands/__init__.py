"""The commands behind the magics: one file for each, and the table of them."""
