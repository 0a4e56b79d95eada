"""What was answered before: when a request is the same again, what is kept of a reply, and where it is found."""
