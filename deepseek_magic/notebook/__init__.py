"""What happened in this kernel, and what is in the notebook's file."""
