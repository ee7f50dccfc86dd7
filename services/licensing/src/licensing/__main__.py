"""The program of licensing:  python -m licensing [serve|migrate|serials|parked|dead]."""

from chassis.service import CommandLine, Service

from licensing.commands import commands
from licensing.settings import Settings

service = Service("licensing", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
