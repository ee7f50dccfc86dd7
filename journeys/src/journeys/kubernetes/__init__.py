"""Kontor on a real Kubernetes: installed by its charts, used, upgraded and disturbed; what held is written down."""
