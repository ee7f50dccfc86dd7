"""The program of orders:  python -m orders [serve|migrate|parked|dead]."""

from chassis.service import CommandLine, Service

from orders.settings import Settings

service = Service("orders", Settings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
