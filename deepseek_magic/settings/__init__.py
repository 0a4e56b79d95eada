"""The settings of a question: the table of parameters, the frozen values, URLs, keys and servers."""
