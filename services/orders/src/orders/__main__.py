"""The program of orders:  python -m orders [serve|migrate|parked|dead]."""

from chassis.service import Service

from orders.settings import Settings

service = Service("orders", Settings)

if __name__ == "__main__":
    service.run()
