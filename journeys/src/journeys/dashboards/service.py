"""The dashboard of one service, which is the same for all: its doors, its events, its process."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable, Row
from grafana_foundation_sdk.models.dashboard import VariableRefresh

from journeys.dashboards.panels import SOURCE, panel

JOB = 'job="$job"'


def fill(dashboard: Dashboard) -> Dashboard:
    """Put the choice of a service and its rows on a dashboard."""
    job = (
        QueryVariable("job")
        .label("Service")
        .datasource(SOURCE)
        .query("label_values(kontor_build_info, job)")
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
    )
    return _process(_events(_doors(dashboard.with_variable(job))))


def _doors(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Doors"))
        .with_panel(
            panel(
                "Requests by status",
                "What clients get. 5xx is ours to mend.",
                "reqps",
                {
                    "{{status}}": "sum by (status)"
                    f" (rate(kontor_http_request_duration_seconds_count{{{JOB}}}[$__rate_interval]))"
                },
            )
        )
        .with_panel(
            panel(
                "Time to answer",
                "Half of the requests, and the slowest in twenty and in a hundred.",
                "s",
                {
                    f"p{share}": f"histogram_quantile({share / 100}, sum by (le)"
                    f" (rate(kontor_http_request_duration_seconds_bucket{{{JOB}}}[$__rate_interval])))"
                    for share in (50, 95, 99)
                },
            )
        )
        .with_panel(
            panel(
                "The slowest routes",
                "The slowest request in twenty of each route.",
                "s",
                {
                    "{{method}} {{route}}": "topk(5, histogram_quantile(0.95, sum by (le, method, route)"
                    f" (rate(kontor_http_request_duration_seconds_bucket{{{JOB}}}[$__rate_interval]))))"
                },
            )
        )
    )


def _events(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Events"))
        .with_panel(
            panel(
                "Handled, by what became of them",
                "done is well; repeated is harmless; parked is tried again; dead waits for people.",
                "cps",
                {"{{outcome}}": f"sum by (outcome) (rate(kontor_events_handled_total{{{JOB}}}[$__rate_interval]))"},
            )
        )
        .with_panel(
            panel(
                "How old events were when they took effect",
                "From the producer's commit to the effect here.",
                "s",
                {
                    f"p{share}": f"histogram_quantile({share / 100}, sum by (le)"
                    f" (rate(kontor_event_age_seconds_bucket{{{JOB}}}[$__rate_interval])))"
                    for share in (50, 99)
                },
            )
        )
        .with_panel(
            panel(
                "What waits",
                "Rows in the outbox, parked events, dead letters.",
                "short",
                {
                    "outbox": f"max(kontor_outbox_rows{{{JOB}}})",
                    "parked": f"max(kontor_parked_events{{{JOB}}})",
                    "dead": f"max(kontor_dead_letters{{{JOB}}})",
                },
            )
        )
    )


def _process(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Process"))
        .with_panel(
            panel(
                "CPU of each replica",
                "Seconds of CPU a second.",
                "short",
                {"{{instance}}": f"rate(process_cpu_seconds_total{{{JOB}}}[$__rate_interval])"},
            )
        )
        .with_panel(
            panel(
                "Memory of each replica",
                "Resident.",
                "bytes",
                {"{{instance}}": f"process_resident_memory_bytes{{{JOB}}}"},
            )
        )
        .with_panel(
            panel(
                "Clocks",
                "How far a machine's clock differs from the database's and the broker's.",
                "s",
                {"{{instance}} {{source}}": f"abs(kontor_clock_skew_seconds{{{JOB}}})"},
            )
        )
    )
