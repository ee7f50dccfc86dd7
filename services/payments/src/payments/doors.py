"""What is open while payments serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors

from payments.clients.provider import Provider
from payments.clients.webhooks import WebhookSecrets
from payments.domain.provider import CheckoutRules
from payments.jobs import JOBS
from payments.messaging import REACTIONS
from payments.settings import Settings
from payments.web import ROUTES
from payments.web.limits import PaymentRate


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Return what handlers and jobs ask for."""
    yield Provider(settings.provider_url, settings.provider_api_key, settings.methods)
    yield WebhookSecrets(settings.webhook_secrets)
    yield PaymentRate(settings.payments_per_minute, 60)
    yield CheckoutRules(settings.storefront, settings.origins, settings.inquire_after)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide)
