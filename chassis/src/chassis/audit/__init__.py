"""Reading the audit log: whether its chain holds, at the terminal, and for reviewers."""

from chassis.audit.chain import Head, published_heads, verify

__all__ = ["Head", "published_heads", "verify"]
