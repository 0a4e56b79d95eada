"""Decide what is said to the model."""
