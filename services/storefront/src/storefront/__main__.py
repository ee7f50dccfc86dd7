"""The program of storefront:  python -m storefront [serve|migrate|shop]."""

from chassis.service import Service

from storefront.commands import commands
from storefront.settings import Settings

service = Service("storefront", Settings, commands=commands)

if __name__ == "__main__":
    service.run()
