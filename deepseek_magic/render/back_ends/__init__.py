"""The back ends: each module of this package holds one, under its name, and a new one is found by itself."""
