"""Choose what is sent of the notebook with a question: read it, cut it to a budget, wrap it as data."""
