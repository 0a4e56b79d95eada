"""What each magic does with what was typed: one file for each command, and the table of them."""
