"""The checker: whether what a running stack has stored and said holds together.

What eight databases, the log, the mail server and the provider know is copied, as far as an invariant needs it, into
one scratch file (SQLite, on disk, so that memory stays small). An invariant is then a list of questions to that file,
each of which answers with what breaks it.
"""
