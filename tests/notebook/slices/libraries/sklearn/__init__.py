"""A stand-in for scikit-learn: the few classes that the notebooks of the tests use, with the names they have there."""
