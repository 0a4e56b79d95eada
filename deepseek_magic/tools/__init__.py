"""Functions of the user's as tools of the model: told by their signatures, called on request, their results bounded."""
