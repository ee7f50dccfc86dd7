"""The program of the probe:  python -m probe [serve|migrate|parked|dead]."""

from chassis.service import Service

from probe.settings import Settings

service = Service("probe", Settings)

if __name__ == "__main__":
    service.run()
