"""The topics of an installation, as the events declare them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from contracts.event import Event, days

SERVICES: Final = (
    "accounts",
    "catalog",
    "orders",
    "payments",
    "delivery",
    "licensing",
    "letters",
    "mail-relay",
    "rewards",
    "partners",
    "storefront",
    "workcenter",
)
# Who publishes what several publish; of MeetingLogged these are not all (see below).
PUBLISHED_BY_SEVERAL: Final = {
    "DataShareExported": ("delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards"),
    "ErasureConfirmed": ("delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards"),
    "MeetingLogged": ("rewards",),
}
# Which services let it take effect; what is not named is for readers outside.
CONSUMED_BY: Final = {
    "ClaimDecided": ("delivery", "letters", "licensing", "orders", "partners"),
    "ClaimOpened": ("delivery", "letters", "licensing", "partners"),
    "ConversationOpened": ("letters",),
    "CouponOffered": ("orders", "partners"),
    "CustomerErased": ("payments", "rewards"),
    "CustomerRegistered": ("payments",),
    "DataExportRequested": ("delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards"),
    "DataShareExported": ("accounts",),
    "DeliveryReleased": ("delivery", "letters", "licensing", "partners"),
    "DeviceFreed": ("letters", "partners"),
    "DisputeClosed": ("delivery", "letters", "licensing", "partners"),
    "DisputeOpened": ("delivery", "letters", "licensing", "partners"),
    "DownloadCompleted": ("mail-relay", "partners"),
    "DownloadExtended": ("letters", "orders", "partners"),
    "DownloadGranted": ("letters", "mail-relay", "orders", "partners"),
    "DownloadRevoked": ("partners",),
    "DownloadStarted": ("partners",),
    "EmailBounced": ("orders", "partners"),
    "EmailChangeRequested": ("letters",),
    "EmailChanged": ("letters", "mail-relay"),
    "EmailConfirmationRequested": ("letters",),
    "EmailConsentRequested": ("letters",),
    "EmailReturned": ("letters",),
    "EmailSent": ("orders", "partners"),
    "ErasureConfirmed": ("accounts",),
    "FileReleased": ("catalog",),
    "KeyDestroyed": ("delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards"),
    "GuestInvited": ("letters",),
    "LicenseBackordered": ("letters", "partners"),
    "LicenseIssued": ("letters", "partners"),
    "LicenseRevoked": ("partners",),
    "MeetingLogged": ("rewards",),
    "NewDeviceSignedIn": ("letters",),
    "OrderCancelled": ("letters", "licensing", "mail-relay", "partners", "payments"),
    "OrderClosed": ("accounts", "mail-relay", "partners"),
    "OrderPaid": ("delivery", "letters", "licensing", "mail-relay", "partners"),
    "OrderPlaced": ("accounts", "letters", "licensing", "mail-relay", "partners", "payments"),
    "OrderRefunded": ("delivery", "letters", "licensing", "mail-relay", "partners", "payments"),
    "OrderShipped": ("letters",),
    "OrganisationInvitationRequested": ("letters",),
    "PaymentAuthorized": ("orders", "partners"),
    "PaymentCaptured": ("orders", "partners"),
    "PasswordChanged": ("letters",),
    "PasswordResetRequested": ("letters",),
    "PaymentFailed": ("partners",),
    "PaymentRefunded": ("letters", "orders", "partners"),
    "PrivacyChosen": ("payments",),
    "ProductPublished": ("licensing", "orders"),
    "ProductWithdrawn": ("orders",),
    "RecoveryCodeUsed": ("letters",),
    "RecoveryCodesRenewed": ("letters",),
    "RewardFailed": ("letters",),
    "RewardFulfilled": ("letters",),
    "RewardRedeemed": ("letters",),
    "SecondFactorAdded": ("letters",),
    "SecondFactorRemoved": ("letters",),
    "SecondFactorsReset": ("letters",),
    "StaffInvited": ("letters",),
    "ShopClosed": ("accounts", "delivery", "letters", "partners"),
    "ShopOpened": ("accounts", "delivery", "letters", "partners"),
    "TenantChanged": ("letters", "mail-relay", "orders", "payments"),
    "TenantOpened": (
        "catalog",
        "delivery",
        "letters",
        "licensing",
        "mail-relay",
        "orders",
        "partners",
        "payments",
        "rewards",
        "storefront",
        "workcenter",
    ),
    "TransferReceived": ("orders", "partners"),
    "TransferRequested": ("letters", "partners"),
    "WithdrawalDeclared": ("letters",),
}
# What systems outside write as well, under whatever source they are known by.
WRITTEN_FROM_OUTSIDE: Final = frozenset({"MeetingLogged"})
# What a service makes and writes beside the declared topics: all whose names begin so.
WRITTEN_BY_PREFIX: Final = {"partners": "partner."}
FOR_EVER_MS: Final = -1
# The dead event itself stays in its service's database; the topic holds a copy for those who watch.
DEAD_RETENTION: Final = days(365)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that exists always; `retention_ms` is in milliseconds, -1 for ever (Kafka's `retention.ms`)."""

    name: str
    retention_ms: int


def topics(services: Sequence[str] = SERVICES) -> list[Topic]:
    """Every declared event's topic, and one `dead.<service>` per service, sorted by name and without prefix."""
    declared = [Topic(name, _milliseconds(event.DECLARED.retention)) for name, event in Event.ALL.items()]
    return sorted(declared, key=lambda topic: topic.name) + dead_letters(services)


def dead_letters(services: Sequence[str]) -> list[Topic]:
    """Return the topics of the services' dead letters, sorted by name and without prefix."""
    return [Topic(f"dead.{service}", _milliseconds(DEAD_RETENTION)) for service in sorted(set(services))]


def published_by(service: str) -> list[str]:
    """Return the topics that a service alone writes, or with others that publish the same; its `dead` one included."""
    return sorted([*numbered_by(service), f"dead.{service}"])


def numbered_by(service: str) -> list[str]:
    """Return the topics whose events a service publishes, alone or with others, under numbers that grow."""
    own = [name for name, event in Event.ALL.items() if event.DECLARED.published_by == service]
    return sorted([*own, *(name for name, services in PUBLISHED_BY_SEVERAL.items() if service in services)])


def publishers_of(topic: str) -> tuple[str, ...]:
    """Return the services that write an event's topic."""
    return PUBLISHED_BY_SEVERAL.get(topic) or (Event.ALL[topic].DECLARED.published_by,)


@lru_cache(maxsize=1024)
def may_publish(source: str, topic: str) -> bool:
    """Return whether the contracts name this source, a service, as one that publishes a topic's event."""
    return topic in WRITTEN_FROM_OUTSIDE or topic in published_by(source)


def _milliseconds(retention: timedelta | None) -> int:
    return FOR_EVER_MS if retention is None else retention // timedelta(milliseconds=1)
