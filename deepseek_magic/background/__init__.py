"""Questions that are asked while other cells run: which is asked, which waits for which, and the pending reply."""
