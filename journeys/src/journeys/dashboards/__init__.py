"""Grafana's dashboards as code: what they show stands here, what Grafana reads is rendered from it."""
