"""Show a reply: convert Markdown to safe HTML, and paint it with a back end."""
