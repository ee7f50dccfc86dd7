"""The program of the probe:  python -m probe [serve|migrate|parked|dead]."""

from chassis.service import CommandLine, Service

from probe.settings import Settings

service = Service("probe", Settings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
