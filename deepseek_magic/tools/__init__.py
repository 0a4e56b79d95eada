"""The user's functions as tools of the model: describe them, call them on request, and bound their results."""
