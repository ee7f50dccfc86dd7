"""The compose file has every service, says what settings know, and publishes nothing beyond this machine (PLT-13)."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.topics import SERVICES
from kontor.secrets import places

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROGRAMS: dict[str, Any] = COMPOSE["services"]
FOREIGN = {"AWS_ACCESS_KEY_ID", "AWS_ALLOW_HTTP", "AWS_ENDPOINT", "AWS_REGION"}
PROFILES = ("all", "minimal", "without-delivery", "rewards-only", "licensing-only")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_image_its_migration_and_settings_that_exist(name: str):
    settings = import_module(f"{name.replace('-', '_')}.settings").Settings.model_fields
    for program in (PROGRAMS[name], PROGRAMS[f"{name}-migrate"]):
        assert program["image"] == f"kontor/{name}:${{KONTOR_VERSION-0.1.0}}"
        unknown = {variable for variable in program["environment"] if variable.lower() not in settings} - FOREIGN
        assert not unknown
        needed = {field.upper() for field, info in settings.items() if info.is_required()}
        assert needed <= program["environment"].keys()
    assert PROGRAMS[f"{name}-migrate"]["command"] == ["migrate"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_given_its_own_secrets_alone(name: str):
    assert f"{name}-secrets:/run/secrets/kontor:ro" in PROGRAMS[name]["volumes"]
    assert [volume for volume in PROGRAMS[name]["volumes"] if "secrets" in volume.partition(":")[0]] == [
        f"{name}-secrets:/run/secrets/kontor:ro"
    ]
    made = {file.partition("/")[2] for _, files in places() for file in files if file.startswith(f"{name}/")}
    files = [str(value) for key, value in PROGRAMS[name]["environment"].items() if key.endswith("_FILE")]
    assert {file.removeprefix("/run/secrets/kontor/") for file in files} <= made


def test_all_that_is_published_is_published_on_loopback():
    published = [port for program in PROGRAMS.values() for port in program.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_our_programs_have_least_rights():
    for name, program in PROGRAMS.items():
        if program["image"].startswith("kontor/"):
            assert program["read_only"], name
            assert program["cap_drop"] == ["ALL"], name
            assert program["security_opt"] == ["no-new-privileges:true"], name
            assert "user" not in program or name == "secrets"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_has_all_that_its_programs_wait_for(profile: str):
    started = {name for name, program in PROGRAMS.items() if profile in program["profiles"]}
    needed = {needed for name in started for needed in PROGRAMS[name].get("depends_on", ())}
    assert needed <= started
    assert {*PROGRAMS["accounts"]["profiles"]} == {*PROFILES}
    left_out = {
        "all": set[str](),
        "minimal": set[str](),
        "without-delivery": {"delivery"},
        "rewards-only": {*SERVICES} - {"accounts", "rewards"},
        "licensing-only": {*SERVICES} - {"accounts", "licensing"},
    }
    assert started & {*SERVICES} == {*SERVICES} - left_out[profile]


def test_images_of_others_are_pinned():
    foreign = {program["image"] for program in PROGRAMS.values() if not program["image"].startswith("kontor/")}
    assert all(re.search(r":v?\d+", image) for image in foreign)


def test_prometheus_asks_every_service_by_a_name_that_stays_when_it_is_away():
    (job,) = yaml.safe_load((ROOT / "deploy/compose/prometheus/prometheus.yml").read_text())["scrape_configs"]
    (targets,) = job["static_configs"]
    assert sorted(targets["targets"]) == sorted(f"{name}:8081" for name in SERVICES)
