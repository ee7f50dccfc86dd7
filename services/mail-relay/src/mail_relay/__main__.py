"""The program of mail-relay:  python -m mail_relay [serve|migrate|parked|dead|keys|dns]."""

from chassis.service import Service

from mail_relay.commands import commands
from mail_relay.settings import Settings

service = Service("mail-relay", Settings, commands=commands)

if __name__ == "__main__":
    service.run()
