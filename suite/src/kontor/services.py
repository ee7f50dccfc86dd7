"""The services by their names."""

from importlib import import_module
from typing import Any

from chassis.service import Service


def service_of(name: str) -> Service[Any]:
    """Return a service; variables with its prefix count for it alone."""
    service: Service[Any] = import_module(f"{name.replace('-', '_')}.__main__").service
    service.prefix = prefix_of(name)
    return service


def prefix_of(name: str) -> str:
    """Return what the variables of one service alone begin with."""
    return f"{name.replace('-', '_').upper()}_"
