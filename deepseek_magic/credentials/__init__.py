"""Where keys come from: the environment, files of the user, the secrets of hosted notebooks, the system keyring."""
