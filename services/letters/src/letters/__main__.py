"""The program of letters:  python -m letters [serve|migrate|parked|dead]."""

from chassis.service import CommandLine, Service

from letters.settings import Settings

service = Service("letters", Settings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
