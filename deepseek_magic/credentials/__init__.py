"""Find keys: in the user's files, in the secrets of hosted notebooks, and in the system keyring."""
