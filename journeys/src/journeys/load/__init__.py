"""Load: orders at a given rate, whether or not the last was answered, and what was promised for each."""
