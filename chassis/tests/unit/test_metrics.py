"""Metrics are rendered under their names."""

import re
from contextvars import copy_context

from chassis.telemetry import metrics
from chassis.telemetry.current import current_service


def counted_dead() -> float:
    found = re.search(r"^kontor_dead_events_total (\S+)$", metrics.render().decode(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_what_was_counted_is_rendered_under_its_name():
    metrics.current().events_handled.labels("SomeTopic", "done").inc(3)
    metrics.current().request_seconds.labels("/things/{id}", "GET", "200").observe(0.02)
    metrics.current().outbound_seconds.labels("write", "failed").observe(0.2)
    metrics.current().outbox_age_seconds.set(1.5)
    before = counted_dead()
    metrics.current().dead_events.inc()
    text = metrics.render().decode()
    assert 'kontor_events_handled_total{outcome="done",topic="SomeTopic"} 3.0' in text
    assert 'kontor_http_request_duration_seconds_count{method="GET",route="/things/{id}",status="200"} 1.0' in text
    assert 'kontor_outbound_duration_seconds_bucket{le="0.5",outcome="failed",task="write"} 1.0' in text
    assert "kontor_outbox_age_seconds 1.5" in text
    assert counted_dead() == before + 1


def test_every_promised_metric_is_there_from_the_start():
    text = metrics.render().decode()
    for name in (
        "outbox_age_seconds",
        "outbox_rows",
        "outbox_refused_rows",
        "consumer_lag_seconds",
        "parked_events",
        "parked_age_seconds",
        "dead_events_total",
        "dead_letters",
        "consumer_gaps",
    ):
        assert f"\nkontor_{name} " in text
    assert "\nprocess_resident_memory_bytes " in text
    assert "\nkontor_build_info{" in text


def test_each_service_of_a_process_has_metrics_of_its_own():
    def rendered(service: str, rows: int) -> str:
        current_service.set(service)
        metrics.current().outbox_rows.set(rows)
        metrics.handled(f"TopicOf{service}", "done").inc()
        return metrics.render().decode()

    copy_context().run(rendered, "one", 1)
    copy_context().run(rendered, "other", 2)
    text = copy_context().run(rendered, "one", 3)
    assert "\nkontor_outbox_rows 3.0\n" in text
    assert 'kontor_events_handled_total{outcome="done",topic="TopicOfone"} 2.0' in text
    assert "TopicOfother" not in text
