"""The program of workcenter:  python -m workcenter [serve|migrate]."""

from chassis.service import Service

from workcenter.settings import Settings

service = Service("workcenter", Settings)

if __name__ == "__main__":
    service.run()
