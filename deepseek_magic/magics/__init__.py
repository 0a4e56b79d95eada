"""The magics: the only part that knows IPython as a shell."""
