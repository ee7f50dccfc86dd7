"""The outside world: the store of contents, and the next mail server."""
