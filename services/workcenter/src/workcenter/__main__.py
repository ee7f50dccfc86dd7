"""The program of workcenter:  python -m workcenter [serve|migrate]."""

from chassis.service import CommandLine, Service

from workcenter.settings import Settings

service = Service("workcenter", Settings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
