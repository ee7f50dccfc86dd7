"""A consumer that inserts one row for each OrderPaid."""
