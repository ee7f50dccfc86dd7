"""What people may send each other: the rules that a message is judged by."""
