"""The program of rewards:  python -m rewards [serve|migrate|load|codes|parked|dead]."""

from chassis.service import Service

from rewards.commands import commands
from rewards.settings import Settings

service = Service("rewards", Settings, commands=commands)

if __name__ == "__main__":
    service.run()
