"""Ask questions in the background while other cells run: the queue of jobs, and the pending reply."""
