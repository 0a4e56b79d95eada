"""Kept replies: recognise a repeated request, keep replies, and find them again."""
