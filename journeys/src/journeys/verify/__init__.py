"""The checker: it looks at a running stack and says which invariants hold.

What an invariant needs of the eight databases, of Kafka, of the mail server and of the provider is copied into one
scratch file (SQLite, on disk, so that memory stays small). An invariant is then a list of queries of that file; each
returns what breaks it.
"""
