"""A pytest plugin: one stack per run, a database from a template and a topic prefix per test module."""

from chassis.testing.fixtures import infrastructure, pytest_configure, service_home
from chassis.testing.harness import Harness, until

__all__ = ["Harness", "infrastructure", "pytest_configure", "service_home", "until"]
