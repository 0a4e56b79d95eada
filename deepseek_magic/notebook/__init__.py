"""What happened in this kernel, and what stands in the notebook's file."""
