"""The services of the suite, and what each needs beyond the environment common to all."""

import importlib.util
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stack.errors import StackError
from stack.state import State


@dataclass(frozen=True)
class Service:
    """A service; its environment may name a field of State, as in {urls[delivery]}, and {secrets}."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def package(self) -> str:
        """The Python package that is the service's program."""
        return self.name.replace("-", "_")

    @property
    def admin(self) -> str:
        """The name of its port for operators."""
        return f"{self.name}-admin"

    @property
    def prefix(self) -> str:
        """What its own variables begin with where all services run in one process."""
        return f"{self.package.upper()}_"


ALIAS_DOMAIN = "mail.kontor.example"
# what pages ask
SHOWN = {
    f"{name.upper().replace('-', '_')}_URL": f"{{urls[{name}]}}"
    for name in ("catalog", "orders", "payments", "delivery", "licensing", "rewards", "mail-relay")
}
# where browsers find the pages of accounts, at the name of each shop
ACCOUNTS_PAGES = "http://{{host}}:{ports[accounts]}"
SERVICES = (
    Service(
        "accounts",
        {
            "MASTER_KEY_FILE": "{secrets}/master-key",
            # Browsers accept no passkeys for an address in digits.
            "PASSKEY_ORIGINS": "http://localhost:{ports[storefront]},http://localhost:{ports[workcenter]}",
            # The pages ask for their visitors, and say at which address each is.
            "TRUSTED_PROXIES": "1",
            # Browsers come to its own pages without one.
            "PAGE_PROXIES": "0",
            "ACCOUNTS_PAGES_URL": ACCOUNTS_PAGES,
            "WORKCENTER_ORIGINS": "http://localhost:{ports[workcenter]},http://127.0.0.1:{ports[workcenter]}",
            # On one machine everybody has the same address.
            "SIGN_INS_PER_MINUTE": "1200",
            "REGISTRATIONS_PER_MINUTE": "1200",
            "REGISTRATIONS_PER_DAY": "1000000",
            "REFRESHES_PER_MINUTE": "1200",
        },
    ),
    Service("catalog", {"STORAGE_URL": "file://{home}/pictures"}),
    # One customer of a load buys more than a person does.
    Service("orders", {"ORDERS_PER_MINUTE": "100000", "UNPAID_ORDERS_PER_DAY": "10000"}),
    Service(
        "payments",
        {
            "PROVIDER_URL": "{provider_url}",
            "PROVIDER_API_KEY_FILE": "{secrets}/provider-api-key",
            "PROVIDER_WEBHOOK_SECRET_FILE": "{secrets}/provider-webhook-secret",
            "STOREFRONT_URL": "http://localhost:{ports[storefront]}",
            "RETURN_ORIGINS": "{urls[storefront]},http://*.localhost:{ports[storefront]}",
            "PAYMENTS_PER_MINUTE": "100000",
        },
    ),
    Service("delivery", {"STORAGE_URL": "file://{home}/files"}),
    Service("licensing", {"LICENSE_KEY_FILE": "{secrets}/license-key"}),
    Service(
        "letters",
        {
            "SMTP_HOST": "{smtp_host}",
            "SMTP_PORT": "{smtp_port}",
            "SMTP_TLS": "none",
            "MAIL_FROM": "shop@kontor.example",
            "MAIL_DOMAINS": "nordlicht.example",
            "BOUNCE_DOMAIN": "mail.kontor.example",
            "BOUNCE_KEY_FILE": "{secrets}/bounce-key",
            "DELIVERY_URL": "{urls[delivery]}",
            "LETTERS_PER_HOUR": "100000",
        },
    ),
    Service(
        "mail-relay",
        {
            "ALIAS_DOMAIN": ALIAS_DOMAIN,
            "SMTP_HOST": "{smtp_host}",
            "SMTP_PORT": "{smtp_port}",
            "SMTP_TLS": "none",
            "DOOR_PORT": "{ports[mail-door]}",
            "DNS_SERVERS": "127.0.0.1",
            "DNS_PORT": "{ports[name-server]}",
            "DKIM_DIRECTORY": "{secrets}/dkim",
            "BOUNCE_KEY_FILE": "{secrets}/bounce-key",
            "ARCHIVE_KEY_FILE": "{secrets}/archive-key",
            "STORAGE_URL": "file://{home}/messages",
        },
    ),
    Service("rewards"),
    Service("partners", {"PARTNER_KEY_FILE": "{secrets}/partner-key"}),
    Service("storefront", SHOWN | {"ACCOUNTS_PAGES_URL": ACCOUNTS_PAGES}),
    Service(
        "workcenter",
        SHOWN
        | {
            "LETTERS_URL": "{urls[letters]}",
            "PARTNERS_URL": "{urls[partners]}",
            "STOREFRONT_URL": "{urls[storefront]}",
            "ACCOUNTS_PAGES_URL": ACCOUNTS_PAGES,
        },
    ),
)


# The program of all services in one process.
SUITE = "kontor"


@dataclass(frozen=True)
class Double:
    """A program that plays a server of somebody else; its arguments may name the same values."""

    name: str
    module: str
    arguments: tuple[str, ...]


# What payments uses; other events would only be put aside.
WEBHOOK_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
)
DOUBLES = (
    Double(
        "mail-catcher",
        "doubles.mail",
        ("--smtp-port={smtp_port}", "--port={ports[mail-catcher]}", "--directory={home}/mail"),
    ),
    Double("name-server", "doubles.names", ("--port={ports[name-server]}", "--zone={secrets}/dkim/zone")),
    Double(
        "provider",
        "doubles.provider",
        (
            "--port={ports[provider]}",
            "--public-url={provider_url}",
            "--webhook-url={urls[payments]}/webhooks/provider",
            "--webhook-secret-file={secrets}/provider-webhook-secret",
            "--api-key-file={secrets}/provider-api-key",
            "--state={home}/provider/state.json",
            *(f"--webhook-event={event}" for event in WEBHOOK_EVENTS),
        ),
    ),
)

# Run after all migrations, at each start of the stack.
AFTER_MIGRATE = (("accounts", ("service", "add-all", "{secrets}", *(service.name for service in SERVICES))),)

# Programs that have an address and that the stack does not run.
ADDRESSES = ("mail-door",)


def chosen(names: list[str] | None) -> list[Service]:
    """Return the services with these names, all for None; raises StackError."""
    known = [service.name for service in SERVICES]
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        raise StackError(f"There is no service {', '.join(unknown)}; there are {', '.join(known)}.")
    wanted = [service for service in SERVICES if names is None or service.name in names]
    missing = [service.name for service in wanted if not importable(f"{service.package}.__main__")]
    if missing:
        raise StackError(f"No program found for {', '.join(missing)}: python -m {missing[0].replace('-', '_')} fails.")
    return wanted


def importable(module: str) -> bool:
    """Return whether a module can be found, without running it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def template_values(state: State) -> dict[str, Any]:
    """Return the values that environments and arguments may name."""
    return {**asdict(state), "secrets": f"{state.home}/secrets"}
