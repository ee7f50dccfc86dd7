"""The program of storefront:  python -m storefront [serve|migrate|shop]."""

from chassis.service import CommandLine, Service

from storefront.commands import commands
from storefront.settings import Settings

service = Service("storefront", Settings, commands=commands)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
