"""Logs, traces and metrics without personal data, and the detection of card numbers."""
