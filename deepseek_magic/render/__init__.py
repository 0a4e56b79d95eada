"""Show a reply: markdown to safe HTML, and the back ends that paint it."""
