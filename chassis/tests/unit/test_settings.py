"""What a service makes of its environment."""

from pathlib import Path
from typing import Any

import pytest
from chassis.config.settings import ServiceSettings
from pydantic import ValidationError


def settings(directory: Path, **given: Any) -> ServiceSettings:
    (directory / "password").write_text("secret\n")
    known: dict[str, Any] = dict.fromkeys(("accounts_url", "public_url", "service_secret_file"), "x")
    known["database_url"] = "postgresql://x"
    known["kafka_bootstrap_servers"] = "one:9092, two:9092,"
    return ServiceSettings(**known | given)


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
        ({"http_key_file": "key.pem"}, "http_key_file"),
        ({"cors_origins": "*"}, "cors_origins"),
        ({"cors_origins": "https://shop.example, https://*.shop.example"}, "cors_origins"),
        ({"cors_origins": "https://shop.example/"}, "cors_origins"),
        ({"cors_origins": "null"}, "cors_origins"),
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


def test_origins_are_named_one_by_one(tmp_path: Path):
    assert settings(tmp_path).origins == frozenset()
    named = settings(tmp_path, cors_origins="https://shop.example, http://localhost:3000")
    assert named.origins == {"https://shop.example", "http://localhost:3000"}


LOCAL = ["https://accounts.example", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]
FAR = ["http://accounts.example", "http://accounts:8080", "http://10.0.0.7", "http://127.0.0.1.example", "http://"]


@pytest.mark.parametrize("url", LOCAL)
def test_other_services_are_called_over_tls_or_on_this_machine(tmp_path: Path, url: str):
    assert settings(tmp_path, accounts_url=url).accounts_url == url


@pytest.mark.parametrize("url", FAR)
def test_in_clear_they_are_called_beyond_this_machine_only_where_that_is_said(tmp_path: Path, url: str):
    with pytest.raises(ValidationError, match="HTTP_IN_CLEAR"):
        settings(tmp_path, accounts_url=url)
    with pytest.raises(ValidationError, match="HTTP_IN_CLEAR"):
        Paying(**settings(tmp_path).model_dump(), provider_url=url)
    assert settings(tmp_path, accounts_url=url, http_in_clear=True).accounts_url == url.rstrip("/")


class Paying(ServiceSettings):
    """The settings of a service that calls somebody else."""

    provider_url: str


def test_the_password_of_the_database_comes_from_a_file(tmp_path: Path):
    (tmp_path / "own").write_text("a/b@c:d\n")
    given = settings(
        tmp_path,
        database_url="postgresql://orders@db:5433/orders?sslmode=require",
        database_password_file=tmp_path / "own",
    )
    assert given.dsn == "postgresql://orders:a%2Fb%40c%3Ad@db:5433/orders?sslmode=require"
    assert settings(tmp_path, database_url="postgresql://o:p@db/orders").dsn == "postgresql://o:p@db/orders"


@pytest.mark.parametrize("url", ["postgresql://orders:secret@db/orders", "postgresql://db/orders"])
def test_a_password_has_one_place_and_a_user(tmp_path: Path, url: str):
    with pytest.raises(ValidationError, match="DATABASE_URL names a user"):
        settings(tmp_path, database_url=url, database_password_file=tmp_path / "password")


def test_a_service_link_of_kubernetes_is_no_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PORT", "tcp://10.0.0.1:80")
    assert settings(tmp_path).http_port == 8080
    monkeypatch.setenv("HTTP_PORT", "http://10.0.0.1")
    with pytest.raises(ValidationError):
        settings(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "s3cret", "http://u:s3cret@h/x", "postgresql://u:s3cret/x@h:5/x", "postgresql://u:s3cret\u2100@h/x",
        "postgresql://u:s3@cret@h/x", "postgresql://u:s3cret@[::1/x", "postgresql://u:s3cret@h:99999/x",
        "postgresql://u:s3cret@h:1/x\ny", "postgresql://u:s3cret?@h/x", "",
    ],
)  # fmt: skip
def test_PLT_13_what_is_no_address_is_told_before_anybody_repeats_it(tmp_path: Path, url: str):
    with pytest.raises(ValidationError) as told:
        settings(tmp_path, database_url=url, accounts_url="http://u:s3cret\u2100@h/", http_port=70_000)
    assert {error["loc"] for error in told.value.errors()} == {("database_url",), ("accounts_url",), ("http_port",)}
    assert "s3cret" not in str(told.value)
    with pytest.raises(ValidationError):
        settings(tmp_path, kafka_bootstrap_servers=f"one:9092,two:{url}")


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p%40@h/x", "postgresql:///x?host=/run/postgresql", "postgresql://u@[::1]:5432/x?sslmode=require",
        "postgresql://u:!$&'()*+,;=@one:5432,two/x", "postgresql://%2Frun%2Fpostgresql/x",
    ],
)  # fmt: skip
def test_all_that_is_an_address_of_a_database_is_taken(tmp_path: Path, url: str):
    assert settings(tmp_path, database_url=url).dsn == url


@pytest.mark.parametrize("content", [b"\xff\xfe", b" \n"])
def test_PLT_13_a_secret_that_is_no_text_or_nothing_is_a_file_that_cannot_be_read(tmp_path: Path, content: bytes):
    file = tmp_path / "wrong"
    file.write_bytes(content)
    given = settings(tmp_path, kafka_user="orders", kafka_password_file=file, service_secret_file=file)
    for read in (lambda: given.brokers, lambda: given.service_secrets):
        with pytest.raises(OSError, match=r"is empty|no text") as told:
            read()
        assert told.value.filename == str(file)
