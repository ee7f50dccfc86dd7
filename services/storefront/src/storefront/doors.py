"""What is open while storefront serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors
from pages.sessions import Sessions
from pages.site import Site
from pages.upstream import Upstream

from storefront.jobs import JOBS
from storefront.messaging import REACTIONS
from storefront.settings import Settings
from storefront.web import ROUTES
from storefront.web.front import Front, problem_page


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the front, through which every page is made, and the services behind it."""
    upstream = Upstream(settings.addresses, settings.trust, settings.trusted_proxies)
    yield upstream
    sessions = Sessions(upstream, settings.session_lifetime)
    site = Site("storefront", sessions, settings.public_url, settings.zone, settings.trusted_proxies, ("storefront",))
    yield Front(site, upstream, settings.downloads_url or settings.delivery_url, settings.accounts_pages)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, problem_page=problem_page)
