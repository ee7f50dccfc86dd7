"""The pages of the Work Center."""

from typing import Final

from chassis.web import Routes

from workcenter.web import assets

ROUTES: Final = Routes(assets.routes)

__all__ = ["ROUTES"]
