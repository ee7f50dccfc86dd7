"""What a chart takes: the shape of the common values, and the settings of a service as its class declares them."""

from collections.abc import Mapping
from typing import Any, Final, cast

from chassis.config import ServiceSettings

Schema = dict[str, Any]

# What the library chart makes of its own values, and what is of use on one machine only.
SET_BY_THE_CHART: Final = frozenset(
    {
        "http_host",
        "http_port",
        "http_in_clear",
        "http_cert_file",
        "http_key_file",
        "http_ca_file",
        "admin_host",
        "admin_port",
        "accounts_url",
        "public_url",
        "trusted_proxies",
        "parting_seconds",
        "topic_prefix",
        "database_url",
        "kafka_bootstrap_servers",
        "kafka_tls",
        "kafka_ca_file",
        "kafka_cert_file",
        "kafka_key_file",
        "kafka_user",
        "kafka_mechanism",
        "clock_file",
        "spans_file",
    }
)
CHOICES: Final[Mapping[str, list[str]]] = {
    "image.pullPolicy": ["Always", "IfNotPresent", "Never"],
    "secret.mode": ["name", "generate", "external"],
    "secret.external.kind": ["ClusterSecretStore", "SecretStore"],
    "kafka.mode": ["strimzi", "external"],
    "kafka.mechanism": ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"],
    "postgres.mode": ["cnpg", "external"],
    "http.certificate.issuerKind": ["ClusterIssuer", "Issuer"],
    "service.type": ["ClusterIP", "NodePort", "LoadBalancer"],
    "service.adminType": ["ClusterIP", "NodePort"],
    "volume.accessMode": ["ReadWriteOnce", "ReadWriteMany"],
    "scaling.mode": ["none", "keda", "hpa"],
}
FROM: Final[Schema] = {
    "type": "object",
    "properties": {"secret": {"type": "string"}, "key": {"type": "string"}},
    "additionalProperties": False,
}
DOOR: Final[Schema] = {
    "type": "object",
    "properties": {
        "port": {"type": "integer"},
        "servicePort": {"type": "integer"},
        "type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
        "nodePort": {"type": "integer"},
        "annotations": {"type": "object"},
    },
    "required": ["port"],
    "additionalProperties": False,
}
OWN: Final[Mapping[str, Schema]] = {"doors": {"type": "object", "additionalProperties": DOOR}}


def shape(value: object, path: str = "") -> Schema:
    """Return the schema of a value of the library chart: what its default is, with no key that it has not."""
    if path in CHOICES:
        return {"enum": CHOICES[path]}
    if path in OWN:
        return OWN[path]
    match value:
        case dict():
            named = cast("dict[str, object]", value)
            below = {name: shape(one, f"{path}.{name}".lstrip(".")) for name, one in named.items()}
            closed = {"properties": below, "additionalProperties": False} if below else {}
            return {"type": "object"} | closed
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer", "minimum": 0}
        case list():
            return {"type": "array"}
        case _:
            return {"type": "string"}


def settings(kind: type[ServiceSettings]) -> Schema:
    """Return the schema of a service's own variables; those without a default are required."""
    declared = kind.model_json_schema()
    names = [name for name in kind.model_fields if name not in SET_BY_THE_CHART and not _comes_from_a_secret(name)]
    variables = {name.upper(): _of(declared["properties"][name], declared) for name in names}
    needed = [name.upper() for name in names if kind.model_fields[name].is_required()]
    return {"type": "object", "properties": variables, "required": needed, "additionalProperties": False}


def secrets(kind: type[ServiceSettings]) -> dict[str, Schema]:
    """Return the schemas of what a service reads from secrets: `files`, of which some are required, `directories`."""
    names = [name for name in kind.model_fields if name not in SET_BY_THE_CHART and _comes_from_a_secret(name)]
    files = {name.upper(): FROM for name in names if name.endswith("_file")}
    needed = [name.upper() for name in names if kind.model_fields[name].is_required()]
    directories = {name.upper(): {"type": "string"} for name in names if name.endswith("_directory")}
    return {
        "files": {"type": "object", "properties": files, "required": needed, "additionalProperties": False},
        "directories": {"type": "object", "properties": directories, "additionalProperties": False},
    }


def _comes_from_a_secret(name: str) -> bool:
    return name.endswith(("_file", "_directory"))


def _of(field: Schema, declared: Schema) -> Schema:
    """Return a setting's schema as it stands in values, where a text may be a template and null is left out."""
    if "anyOf" in field:
        (field,) = [one for one in field["anyOf"] if one.get("type") != "null"]
    if "$ref" in field:
        field = declared["$defs"][field["$ref"].rpartition("/")[2]]
    return {name: value for name, value in field.items() if name not in ("title", "default", "format")}
