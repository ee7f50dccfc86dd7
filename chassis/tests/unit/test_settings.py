"""What a service makes of its environment."""

from pathlib import Path
from typing import Any

import pytest
from chassis.config.settings import ServiceSettings
from pydantic import ValidationError


def settings(directory: Path, **given: Any) -> ServiceSettings:
    (directory / "password").write_text("secret\n")
    known: dict[str, Any] = dict.fromkeys(("database_url", "accounts_url", "public_url", "service_secret_file"), "x")
    return ServiceSettings(**known, kafka_bootstrap_servers="one:9092, two:9092,", **given)


def test_without_more_the_log_is_reached_in_clear_and_as_nobody(tmp_path: Path):
    options = settings(tmp_path).brokers.options
    assert options == {"bootstrap_servers": ["one:9092", "two:9092"], "security_protocol": "PLAINTEXT"}


def test_a_name_and_its_password_let_a_service_in(tmp_path: Path):
    brokers = settings(tmp_path, kafka_user="orders", kafka_password_file=tmp_path / "password").brokers
    options = brokers.options
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_PLAINTEXT", "SCRAM-SHA-512")
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("orders", "secret")
    assert "secret" not in repr(brokers)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kafka_user": "orders"}, "kafka_password_file"),
        ({"kafka_password_file": "password"}, "kafka_password_file"),
        ({"kafka_user": "o", "kafka_password_file": "password", "kafka_mechanism": "PLAIN"}, "kafka_user"),
        ({"kafka_mechanism": "GSSAPI"}, "kafka_mechanism"),
        ({"kafka_ca_file": "ca.pem"}, "kafka_ca_file"),
        ({"kafka_cert_file": "cert.pem"}, "kafka_cert_file"),
        ({"kafka_tls": True, "kafka_key_file": "key.pem"}, "kafka_key_file"),
    ],
)
def test_half_a_way_in_is_refused_by_the_name_of_the_variable(tmp_path: Path, given: dict[str, Any], wrong: str):
    with pytest.raises(ValidationError) as refused:
        settings(tmp_path, **given)
    assert wrong in {fault["loc"][0] for fault in refused.value.errors()}
