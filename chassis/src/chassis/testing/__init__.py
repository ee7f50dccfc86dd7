"""A pytest plugin: one stack per run, a database from a template and topics per test module, seeded histories."""

from chassis.testing.fixtures import infrastructure, pytest_configure, service_home
from chassis.testing.harness import Harness, until
from chassis.testing.histories import (
    Histories,
    pytest_addoption,
    pytest_generate_tests,
    pytest_runtest_makereport,
)
from chassis.testing.workers import pytest_collection_modifyitems

__all__ = [
    "Harness",
    "Histories",
    "infrastructure",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_runtest_makereport",
    "service_home",
    "until",
]
