"""What the charts say of a service is what its classes and the contracts say (PLT-13)."""

import importlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from chassis.publishing.permissions import permissions
from chassis.service import Service
from contracts.topics import SERVICES
from journeys.charts.policy import Excuse, Finding
from journeys.charts.policy import faults as faults_of
from journeys.charts.render import CHARTS, LIBRARY, TOPICS, UMBRELLA, render, rights, stale
from journeys.kubernetes.disturbing import Disturbance
from journeys.kubernetes.run import refused
from journeys.kubernetes.values import objects, of_kontor, state_of
from jsonschema import Draft202012Validator
from stack.stack import ROOT

# What an operator has to say of a service; the rest has values.
NEEDED: dict[str, dict[str, Any]] = {
    "letters": {"SMTP_HOST": "smtp.example", "MAIL_FROM": "shop@shop.example"},
    "mail-relay": {"SMTP_HOST": "smtp.example", "ALIAS_DOMAIN": "mail.shop.example"},
}


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / CHARTS / path).read_text())


def values(service: str, **settings: Any) -> dict[str, Any]:
    own = load(f"{service}/values.yaml")
    return own | {"settings": own.get("settings", {}) | NEEDED.get(service, {}) | settings}


def faults(service: str, given: dict[str, Any]) -> list[str]:
    validator: Any = Draft202012Validator(load(f"{service}/values.schema.json"))
    return [error.message for error in validator.iter_errors(given)]


def test_PLT_13_what_is_rendered_of_the_charts_is_current():
    assert not stale()


def test_a_file_that_was_changed_by_hand_is_rendered_again(tmp_path: Path):
    for path in ("pyproject.toml", *(f"{CHARTS}/{name}/values.yaml" for name in ("chassis", UMBRELLA, TOPICS))):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text())
    render(tmp_path)
    changed = CHARTS / "orders" / "kafka.yaml"
    (tmp_path / changed).write_text("writes: [Everything]\n")
    assert stale(tmp_path) == [changed]


@pytest.mark.parametrize("service", SERVICES)
def test_PLT_13_a_chart_takes_the_settings_of_its_service_and_no_others(service: str):
    assert faults(service, values(service)) == []
    assert faults(service, values(service, LOG_LEVEL="WARNING")) == []
    assert any("LOGLEVEL" in fault for fault in faults(service, values(service, LOGLEVEL="WARNING")))
    assert faults(service, values(service, DATABASE_CONNECTIONS="many"))
    for needed in NEEDED.get(service, {}):
        given = values(service)
        del given["settings"][needed]
        assert any(needed in fault for fault in faults(service, given))
    assert faults(service, values(service) | {"replica": 3})
    assert faults(service, values(service) | {"secret": {"files": {}}})


@pytest.mark.parametrize("service", SERVICES)
def test_PLT_13_a_chart_gives_the_rights_that_the_program_prints(service: str):
    program: Service[Any] = importlib.import_module(f"{service.replace('-', '_')}.__main__").service
    lines = permissions(service, "", program.reactions.topics, f"User:{service}")
    begun = {topic for line in lines if "--resource-pattern-type prefixed" in line for topic in _topics(line)}
    written, read = (
        {
            topic
            for line in lines
            if "prefixed" not in line and f"--operation {operation} --topic" in line
            for topic in _topics(line)
        }
        for operation in ("Write", "Read")
    )
    assert rights(service) == {"writes": sorted(written), "reads": sorted(read)} | (
        {"prefixes": sorted(begun)} if begun else {}
    )


def test_PLT_13_the_umbrella_has_every_service_each_with_a_switch():
    parts = {part["name"]: part.get("condition") for part in load(f"{UMBRELLA}/Chart.yaml")["dependencies"]}
    assert parts == {name: f"{name}.enabled" for name in (*SERVICES, TOPICS)} | {"chassis": None}
    assert all(load(f"{UMBRELLA}/values.yaml")[name]["enabled"] for name in parts if name != "chassis")


def test_a_generated_secret_is_made_once_and_belongs_to_no_revision():
    owned = (CHARTS / LIBRARY / "templates" / "_owned.tpl").read_text()
    once = (
        '{helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-20", helm.sh/hook-delete-policy: hook-failed}'
    )
    assert owned.count(once) == 1
    assert owned.count('{{ include "chassis.once" . }}') == owned.count('"v1" "Secret"') - 1 == 2, "lookup is the third"
    assert "resource-policy: keep}\ntype" not in owned


def test_accounts_is_told_the_secrets_after_a_rollback_too():
    told = (CHARTS / UMBRELLA / "templates" / "introduce.yaml").read_text()
    assert '"helm.sh/hook" "post-install,post-upgrade,post-rollback"' in told


def test_PLT_13_the_values_of_the_trial_are_taken_by_every_chart(tmp_path: Path):
    given = of_kontor(state_of(tmp_path, "192.0.2.1"), "192.0.2.2", cnpg=False, replicas=1)
    validator: Any = Draft202012Validator(load(f"{UMBRELLA}/values.schema.json"))
    assert [error.message for error in validator.iter_errors(given)] == []
    for service in SERVICES:
        own = load(f"{service}/values.yaml")
        assert faults(service, merged(own, given[service])) == []
    made = {one["metadata"]["name"]: set(one["stringData"]) for one in objects(tmp_path)}
    assert {"service-secret", "master-key", "database-password", "kafka-password"} <= made["kontor-accounts"]
    assert {"bounce-key", "archive-key"} <= made["kontor-mail-relay"]


def test_a_request_that_a_stop_refused_is_told_from_one_that_was_late_or_is_to_come_again():
    failures = ["orders 503", "orders TimeoutError", "payments ServerDisconnectedError", "licensing 409"]
    assert refused(failures, _disturbance()) == ["orders 503", "payments ServerDisconnectedError"]
    assert refused(failures, _disturbance(away=True)) == ["payments ServerDisconnectedError"]
    assert refused(failures, _disturbance(cuts={"payments", "orders"})) == []
    assert refused(["orders 500", "refused: POST orders/orders: 422"], _disturbance(away=True))


def _disturbance(**more: Any) -> Disturbance:
    return Disturbance("", lambda _: None, **more)


@pytest.mark.parametrize("part", ["postgres", "kafka"])
def test_what_all_services_wait_for_asks_for_processor_time(part: str):
    asked = load(f"{UMBRELLA}/values.yaml")[part]["resources"]
    assert asked["requests"].keys() == {"cpu", "memory"}
    assert (
        f"resources: {{{{ toJson .Values.{part}.resources }}}}"
        in (ROOT / CHARTS / UMBRELLA / "templates" / f"{part}.yaml").read_text()
    )


def test_jobs_leave_to_what_they_wait_for_the_room_that_it_needs():
    chassis, templates = load("chassis/values.yaml"), ROOT / CHARTS / "chassis" / "templates"
    serving, waiting = (part["requests"]["cpu"] for part in (chassis["resources"], chassis["commands"]["resources"]))
    assert int(waiting.rstrip("m")) * 10 <= int(serving.rstrip("m"))
    assert '(dict "resources" $.v.commands.resources)' in (templates / "_workload.tpl").read_text()


def test_a_finding_of_the_policies_is_excepted_with_a_reason_and_no_exception_stays_longer():
    of_all, of_one = Excuse("K8S_11", ".*", "it throttles"), Excuse("K8S_8", r"Pod\.kontor\.sale", "it runs once")
    found = [Finding("K8S_11", "Pod.kontor.sale", "limits"), Finding("K8S_8", "Deployment.kontor.orders", "liveness")]
    assert faults_of(found, [of_all]) == ["Deployment.kontor.orders: K8S_8 liveness"]
    assert [line.partition(": ")[2] for line in faults_of(found[:1], [of_all, of_one])] == [
        r"K8S_8 of Pod\.kontor\.sale is not needed"
    ]


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: merged(below[name], above[name]) for name in below.keys() & above.keys() if isinstance(below[name], dict)
    }
    return below | above | both


def _topics(line: str) -> list[str]:
    return [topic for option, topic in pairwise(line.split()) if option == "--topic"]
