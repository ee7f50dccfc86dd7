"""The suite under fire: everything that takes long and tries to break it, and a table of the outcomes."""
