"""The checklist: every id of the brief, its state, and the tests that prove it, held true by a program."""
