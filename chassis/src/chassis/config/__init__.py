"""The settings of a service: its environment, how it reaches Kafka, its clock, and what it provides to functions."""

from chassis.config.brokers import Brokers
from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings, read_secret, read_secrets

__all__ = ["Brokers", "Clock", "ServiceSettings", "read_secret", "read_secrets"]
