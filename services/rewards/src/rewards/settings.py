"""What rewards reads from its environment."""

from pathlib import Path
from typing import Literal

from chassis.config import ServiceSettings
from pydantic import Field

from rewards.usecases.codes import Vault


class Settings(ServiceSettings):
    """The market of members who name none, and what becomes of points that are spent when they are taken back.

    `negative`: the balance falls below zero and later accruals offset it. `within_balance`: what is spent stays with
    the member, and is not earned again by the same meeting (REW-9). `voucher_key_file` holds the master keys of the
    voucher codes; without it the service's own secret makes one. `meeting_sources` names who reports for which source
    of meetings: names of services, and `staff`; where none is named, everybody may report for any.
    """

    voucher_key_file: Path | None = None
    default_market: str = "DE"
    reversal_policy: Literal["negative", "within_balance"] = "negative"

    meeting_sources: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])

    @property
    def vault(self) -> Vault:
        """What seals voucher codes and knows them again."""
        if self.voucher_key_file is None:
            secret, *others = self.service_secrets
            if others:
                raise ValueError(
                    "SERVICE_SECRET_FILE cannot be exchanged while it seals voucher codes: VOUCHER_KEY_FILE"
                )
            return Vault.from_secret(secret.encode())
        return Vault.from_file(self.voucher_key_file)
