"""The program of delivery:  python -m delivery [serve|migrate|verify|parked|dead]."""

from chassis.service import CommandLine, Service

from delivery.commands import commands
from delivery.settings import Settings

service = Service("delivery", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
