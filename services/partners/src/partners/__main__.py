"""The program of partners:  python -m partners [serve|migrate|partner|parked|dead]."""

from chassis.service import CommandLine, Service

from partners.commands import commands
from partners.settings import Settings

service = Service("partners", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
