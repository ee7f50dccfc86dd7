"""What is open while accounts serves, and what its functions may ask for."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.identity import KeyRings, MasterKey
from chassis.service import Doors
from chassis.web import Limiter, Rate
from pages.sessions import Sessions
from pages.site import Site
from pages.upstream import Upstream

from accounts import jobs, messaging, web
from accounts.settings import Settings
from accounts.usecases.confirming import AddressConfirmation
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.registering import RegistrationsPerDay
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.tokens import TokenIssuer
from accounts.web.attempts import Attempts
from accounts.web.limits import KeyLimiter, RefreshRate, RegistrationRate, SignInRate
from accounts.web.reception import Reception, problem_page


def provide(settings: Settings, keys: KeyRings) -> Iterable[object]:
    """Return what handlers and jobs may ask for by type."""
    master = MasterKey.from_file(settings.master_key_file)
    kms, passwords = KeyManagement(master), Passwords()
    required = settings.staff_need_second_factor
    return (
        kms,
        passwords,
        TokenIssuer(master, keys.clock, required),
        RelyingParty(settings.relying_party, settings.page_origins),
        Attempts(kms, passwords, settings.trusted_proxies, required),
        SignInRate.of(settings.sign_ins_per_minute),
        KeyLimiter(Rate(settings.keys_per_minute, 60)),
        RegistrationRate.of(settings.registrations_per_minute),
        RegistrationsPerDay(settings.registrations_per_mailbox, settings.registrations_per_day),
        AddressConfirmation(settings.address_confirmation == "required"),
        RefreshRate.of(settings.refreshes_per_minute),
        settings.workcenter,
        _reception(settings, kms, passwords),
    )


def _reception(settings: Settings, kms: KeyManagement, passwords: Passwords) -> Reception:
    proxies = settings.proxies_of_pages
    nobody = Sessions(Upstream({}), timedelta())  # who has signed in here is remembered by the shop alone
    site = Site("accounts", nobody, settings.public_url, ZoneInfo("UTC"), proxies, ("accounts",))
    return Reception(
        site,
        settings.pages,
        Attempts(kms, passwords, proxies, settings.staff_need_second_factor),
        proxies,
        Limiter(SignInRate.of(settings.sign_ins_per_minute)),
        Limiter(RegistrationRate.of(settings.registrations_per_minute)),
        settings.workcenter,
    )


DOORS = Doors(
    web.ROUTES,
    messaging.REACTIONS,
    jobs.JOBS,
    provide,
    takes_back=messaging.TAKEN_BACK,
    problem_page=problem_page,
)
