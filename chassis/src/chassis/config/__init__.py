"""The settings of a service: its environment, how it reaches Kafka, its clock, and what it provides to functions."""

from chassis.config.brokers import Brokers
from chassis.config.clock import Clock
from chassis.config.files import read_given, read_small, require_small
from chassis.config.settings import DATABASE_FORM, ServiceSettings, is_database, is_in_clear, read_secret, read_secrets

__all__ = [
    "DATABASE_FORM",
    "Brokers",
    "Clock",
    "ServiceSettings",
    "is_database",
    "is_in_clear",
    "read_given",
    "read_secret",
    "read_secrets",
    "read_small",
    "require_small",
]
