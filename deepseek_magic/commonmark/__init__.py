"""Markdown as CommonMark and GFM have it: text to blocks and inline trees, line by line as it arrives."""
