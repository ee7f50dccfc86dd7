"""A notification: a letter that belongs to no order."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from letters.domain.agreement import Seller
from letters.domain.brand import Brand
from letters.domain.email import State
from letters.domain.sending import HOLD, Outcome, Verdict, next_try

ENDS = {Verdict.ACCEPTED: State.SENT, Verdict.ERASED: State.ERASED, Verdict.BOUNCED: State.BOUNCED}


class About(StrEnum):
    """What a notification says; of a reward its step, and how it is delivered."""

    CONFIRM = "confirm"
    CODE = "code"
    CONSENT = "consent"
    FORMER_ADDRESS = "former_address"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a name, not a password
    AUTHENTICATOR_ADDED = "authenticator_added"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    FACTORS_RESET = "factors_reset"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    NEW_DEVICE = "new_device"
    NEW_DEVICES = "new_devices"
    DEVICE_FREED_BY_CUSTOMER = "device_freed_by_customer"
    DEVICE_FREED_BY_STAFF = "device_freed_by_staff"
    INVITATION = "invitation"
    GUEST = "guest"
    STAFF = "staff"
    REDEEMED = "redeemed"
    VOUCHER = "voucher"
    MILES = "miles"
    SHIPMENT = "shipment"
    FAILED = "failed"
    SHIPPED = "shipped"
    WITHDRAWAL = "withdrawal"
    WITHDRAWAL_UNKNOWN = "withdrawal_unknown"

    @property
    def follows(self) -> bool:
        """Whether it goes to the customer's latest address, and not to the one that it is about."""
        return self not in OWN

    @property
    def of_records(self) -> bool:
        """Whether its boxes are sealed to the seller's records: those of a withdrawal that fits no order are."""
        return self is About.WITHDRAWAL_UNKNOWN

    @property
    def page(self) -> str:
        """The page of the shop to which it leads: where its code is entered, or a password is chosen that is safe."""
        return PAGES.get(self, "")


ACCOUNT = (
    About.AUTHENTICATOR_ADDED,
    About.AUTHENTICATOR_REMOVED,
    About.PASSKEY_ADDED,
    About.PASSKEY_REMOVED,
    About.FACTORS_RESET,
    About.RECOVERY_CODE_USED,
    About.RECOVERY_CODES_RENEWED,
    About.NEW_DEVICE,
    About.NEW_DEVICES,
)
DEVICES = (About.DEVICE_FREED_BY_CUSTOMER, About.DEVICE_FREED_BY_STAFF)
OWN = (
    *ACCOUNT,  # whoever has the address of an account may have just changed it
    About.CONFIRM,
    About.CODE,
    About.CONSENT,
    About.FORMER_ADDRESS,
    About.RESET,
    About.PASSWORD_CHANGED,
    About.INVITATION,
    About.GUEST,
    About.STAFF,
    About.WITHDRAWAL_UNKNOWN,
)
PAGES = {
    About.CONFIRM: "confirm",
    About.CODE: "account/security/email/confirmation",
    About.CONSENT: "objection",
    About.RESET: "forgotten",
    About.PASSWORD_CHANGED: "forgotten",
    **dict.fromkeys(ACCOUNT, "forgotten"),
    About.INVITATION: "account/organisation",
}


@dataclass(frozen=True, slots=True)
class Row:
    """So many of an article; of a withdrawal, what follows for them."""

    name: str
    count: int
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """What it says, its texts sealed; `subject` is the id of the change or redemption, `facts` fill its words.

    A `secret_box` holds a code, the number of a parcel, or the name of a device. It says nothing any more from
    `expires_at` on. `failures` is how often it was tried in vain; `lately` how many e-mails its customer has got within
    an hour. It is written under the tenant's `brand`, where there is one alone.
    """

    tenant: str
    id: UUID
    about: About
    subject: UUID
    language: str
    name_box: str
    email_box: str
    message_id: str
    written_at: datetime
    send_at: datetime
    secret_box: str | None = None
    expires_at: datetime | None = None
    facts: dict[str, str | int] = field(default_factory=dict[str, str | int])
    rows: tuple[Row, ...] = ()
    seller: Seller | None = None
    brand: Brand | None = None
    state: State = State.WAITING
    failures: int = 0
    first_failed_at: datetime | None = None
    code: int | None = None
    answer: str | None = None
    lately: int = 0

    @property
    def next_step(self) -> str:
        """Whose words say what to do next: letters of security have them in common, for customers and for staff."""
        if self.about in ACCOUNT:
            return f"security_{self.facts['reader']}"
        return "device_freed" if self.about in DEVICES else self.about

    @property
    def path(self) -> str:
        """The page of the shop to which it leads, if to one."""
        if self.facts.get("reader") == "staff":
            return ""
        if self.about is About.SHIPPED:
            return f"orders/{self.facts['order']}"
        return str(self.facts.get("path", self.about.page))

    @property
    def boxes(self) -> tuple[str, ...]:
        """Every sealed text that must be opened to write it."""
        more = self.secret_box, self.house_box
        return self.name_box, self.email_box, *(box for box in more if box is not None)

    @property
    def house_box(self) -> str | None:
        """The name of the organisation to which a guest is invited, by whom `name_box` holds."""
        return str(self.facts["organisation"]) if self.about is About.GUEST else None

    def after(self, outcome: Outcome, now: datetime) -> "Notification":
        """Return it after an attempt: ended, or to be tried again at `send_at`.

        What is lost is sent again: the same letter twice does no harm.
        """
        answered = replace(self, code=outcome.code or None, answer=outcome.answer or None)
        if outcome.verdict in ENDS:
            return replace(answered, state=ENDS[outcome.verdict])
        if outcome.verdict is Verdict.HELD:
            again: datetime | None = now + HOLD
        else:
            failures, since = self.failures + 1, self.first_failed_at or now
            answered = replace(answered, failures=failures, first_failed_at=since)
            again = next_try(failures, since, now)
        if again is None or (self.expires_at is not None and again >= self.expires_at):
            return replace(answered, state=State.BOUNCED)
        return replace(answered, send_at=again)
