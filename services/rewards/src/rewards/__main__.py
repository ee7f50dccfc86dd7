"""The program of rewards:  python -m rewards [serve|migrate|load|codes|parked|dead]."""

from chassis.service import CommandLine, Service

from rewards.commands import commands
from rewards.settings import Settings

service = Service("rewards", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
