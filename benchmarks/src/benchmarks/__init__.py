"""Benchmarks: what we claim about speed, as programs."""
