"""Mailing: what those who write and relay e-mails need of mail servers."""
