"""The program of payments:  python -m payments [serve|migrate|parked|dead|statement]."""

from chassis.service import CommandLine, Service

from payments.commands import commands
from payments.settings import Settings

service = Service("payments", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
