"""Assembles catalog:  python -m catalog [serve|migrate|load|parked|dead]."""

from chassis.service import Service

from catalog.commands import commands
from catalog.settings import Settings
from catalog.web import ROUTES

service = Service("catalog", Settings, routes=ROUTES, commands=commands)

if __name__ == "__main__":
    service.run()
