"""The dashboard of a sale: does money come in, and does what was paid arrive?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from journeys.dashboards.panels import panel


def fill(dashboard: Dashboard) -> Dashboard:
    """Put the rows of the sale on a dashboard."""
    return (
        dashboard.with_row(Row("What is promised"))
        .with_panel(
            panel(
                "Delivered within a minute of the payment",
                "Objective: 99 %. Below it, follow the rows below: where does the time go?",
                "percentunit",
                {
                    "within a minute": 'sum(rate(kontor_delivery_email_seconds_bucket{le="60.0"}[$__rate_interval]))'
                    " / sum(rate(kontor_delivery_email_seconds_count[$__rate_interval]))"
                },
            )
        )
        .with_panel(
            panel(
                "From the payment to the e-mail",
                "Half of the customers, and the slowest in twenty and in a hundred.",
                "s",
                {
                    f"p{share}": f"histogram_quantile({share / 100}, sum by (le)"
                    " (rate(kontor_delivery_email_seconds_bucket[$__rate_interval])))"
                    for share in (50, 95, 99)
                },
            )
        )
        .with_panel(
            panel(
                "Requests that fail, by service",
                "Objective: 0.1 % at most. A 503 is answered while the database or Kafka is away.",
                "percentunit",
                {"{{job}}": "kontor:requests_failed:ratio5m"},
            )
        )
        .with_row(Row("What happens"))
        .with_panel(
            panel(
                "Events that took effect, by topic",
                "Placed, paid, granted, issued, sent: the lines of a sale run side by side.",
                "cps",
                {
                    "{{topic}}": "sum by (topic) (rate(kontor_events_handled_total{outcome='done',topic=~"
                    "'OrderPlaced|PaymentCaptured|OrderPaid|DownloadGranted|LicenseIssued|EmailSent|OrderRefunded'}"
                    "[$__rate_interval]))"
                },
            )
        )
        .with_panel(
            panel(
                "What is done outside, by what came of it",
                "Letters, payments, refunds. Failures are tried again by themselves; many of them are an alert.",
                "cps",
                {
                    "{{job}} {{task}}: {{outcome}}": "sum by (job, task, outcome)"
                    " (rate(kontor_outbound_duration_seconds_count[$__rate_interval]))"
                },
            )
        )
        .with_panel(
            panel(
                "Paid and waiting for files",
                "How long the oldest paid line has waited for its article's files. 0 is well.",
                "s",
                {"delivery": "max(kontor_missing_files_seconds)"},
            )
        )
        .with_row(Row("What waits"))
        .with_panel(
            panel(
                "Age of the outbox, by service",
                "How long the oldest event has waited to be published. Above a few seconds Kafka is slow or away.",
                "s",
                {"{{job}}": "max by (job) (kontor_outbox_age_seconds)"},
            )
        )
        .with_panel(
            panel(
                "Lag, by service",
                "How old what is not handled yet may be.",
                "s",
                {"{{job}}": "max by (job) (kontor_consumer_lag_seconds)"},
            )
        )
        .with_panel(
            panel(
                "Events that somebody has to look at",
                "Dead letters and gaps: nobody but people can decide. 0 is well.",
                "short",
                {
                    "{{job}} dead": "max by (job) (kontor_dead_letters) > 0",
                    "{{job}} gaps": "sum by (job) (kontor_consumer_gaps) > 0",
                    "{{job}} parked": "max by (job) (kontor_parked_events) > 0",
                },
            )
        )
    )
