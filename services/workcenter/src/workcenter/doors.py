"""What is open while workcenter serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors
from pages.sessions import Sessions
from pages.site import Site
from pages.upstream import Upstream

from workcenter.jobs import JOBS
from workcenter.messaging import REACTIONS
from workcenter.settings import Settings
from workcenter.web import ROUTES
from workcenter.web.desk import Desk, problem_page


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the desk, through which every page is made, and the services behind it."""
    upstream = Upstream(settings.addresses, settings.trust, settings.trusted_proxies)
    yield upstream
    sessions = Sessions(upstream, settings.session_lifetime)
    site = Site("workcenter", sessions, settings.public_url, settings.zone, settings.trusted_proxies, ("workcenter",))
    yield Desk(site, upstream, settings.tenant, settings.accounts_pages)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, problem_page=problem_page)
