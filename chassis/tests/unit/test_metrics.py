"""Metrics are rendered under their names."""

import re
from contextvars import copy_context

from chassis.telemetry import metrics
from chassis.telemetry.current import current_service


def counted_dead() -> float:
    found = re.search(r"^dead_events_total (\S+)$", metrics.render().decode(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_what_was_counted_is_rendered_under_its_name():
    metrics.current().events_handled_total.labels("SomeTopic", "done").inc(3)
    metrics.current().request_seconds.labels("/things/{id}", "GET", "200").observe(0.02)
    metrics.current().outbound_seconds.labels("write", "failed").observe(0.2)
    metrics.current().outbox_age_seconds.set(1.5)
    before = counted_dead()
    metrics.current().dead_events_total.inc()
    text = metrics.render().decode()
    assert 'events_handled_total{outcome="done",topic="SomeTopic"} 3.0' in text
    assert 'request_seconds_count{method="GET",route="/things/{id}",status="200"} 1.0' in text
    assert 'outbound_seconds_bucket{job="write",le="0.5",outcome="failed"} 1.0' in text
    assert "outbox_age_seconds 1.5" in text
    assert counted_dead() == before + 1


def test_every_promised_metric_is_there_from_the_start():
    text = metrics.render().decode()
    for name in (
        "outbox_age_seconds",
        "outbox_rows",
        "outbox_refused_total",
        "consumer_lag_seconds",
        "parked_events",
        "parked_age_seconds",
        "dead_events_total",
        "dead_letters",
        "consumer_gaps",
        "numbers_begun_again_total",
        "clock_skew_seconds",
        "process_resident_memory_bytes",
    ):
        assert f"\n{name} " in text


def test_each_service_of_a_process_has_metrics_of_its_own():
    def rendered(service: str, rows: int) -> str:
        current_service.set(service)
        metrics.current().outbox_rows.set(rows)
        metrics.handled(f"TopicOf{service}", "done").inc()
        return metrics.render().decode()

    copy_context().run(rendered, "one", 1)
    copy_context().run(rendered, "other", 2)
    text = copy_context().run(rendered, "one", 3)
    assert "\noutbox_rows 3.0\n" in text
    assert 'events_handled_total{outcome="done",topic="TopicOfone"} 2.0' in text
    assert "TopicOfother" not in text
