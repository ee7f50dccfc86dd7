"""The program of mail-relay:  python -m mail_relay [serve|migrate|parked|dead]."""

from chassis.service import Service

from mail_relay.settings import Settings

service = Service("mail-relay", Settings)

if __name__ == "__main__":
    service.run()
