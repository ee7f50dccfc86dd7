"""The drill of the alerts: each is provoked, fires in a real Prometheus, and ends when the fault is mended."""
