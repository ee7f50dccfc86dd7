"""The outside world of delivery: the store of files, and the readers' connections."""
