"""The program of payments:  python -m payments [serve|migrate|parked|dead|statement]."""

from chassis.service import Service

from payments.commands import commands
from payments.settings import Settings

service = Service("payments", Settings, commands=commands)

if __name__ == "__main__":
    service.run()
