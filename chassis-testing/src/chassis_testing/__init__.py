"""A pytest plugin: one stack per run, a database from a template and topics per test module, seeded histories."""

from chassis_testing.fixtures import infrastructure, pytest_configure, service_home
from chassis_testing.harness import Harness, until
from chassis_testing.histories import (
    Histories,
    pytest_addoption,
    pytest_generate_tests,
    pytest_runtest_makereport,
)

__all__ = [
    "Harness",
    "Histories",
    "infrastructure",
    "pytest_addoption",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_runtest_makereport",
    "service_home",
    "until",
]

pytest_plugins = ["chassis_testing.workers"]
