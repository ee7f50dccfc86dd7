"""The program of letters:  python -m letters [serve|migrate|parked|dead]."""

from chassis.service import Service

from letters.settings import Settings

service = Service("letters", Settings)

if __name__ == "__main__":
    service.run()
