"""The program of catalog:  python -m catalog [serve|migrate|load|parked|dead]."""

from chassis.service import Service

from catalog.commands import commands
from catalog.settings import Settings

service = Service("catalog", Settings, commands=commands)

if __name__ == "__main__":
    service.run()
