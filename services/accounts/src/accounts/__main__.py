"""The program of accounts:  python -m accounts [serve|migrate|tenant|staff|service|second-factor|erasures|...]."""

from chassis.service import CommandLine, Service

from accounts.commands import commands
from accounts.settings import Settings

service = Service("accounts", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
