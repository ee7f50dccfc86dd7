"""The program of mail-relay:  python -m mail_relay [serve|migrate|parked|dead|keys|dns]."""

from chassis.service import CommandLine, Service

from mail_relay.commands import commands
from mail_relay.settings import Settings

service = Service("mail-relay", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
