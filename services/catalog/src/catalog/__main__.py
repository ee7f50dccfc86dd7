"""The program of catalog:  python -m catalog [serve|migrate|load|parked|dead]."""

from chassis.service import CommandLine, Service

from catalog.commands import commands
from catalog.settings import Settings

service = Service("catalog", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
