"""What delivery reads from its environment."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.config import ServiceSettings, read_secret
from pydantic import Field

from delivery.domain.files import Grace
from delivery.domain.sessions import Proof


class Settings(ServiceSettings):
    """Where files are stored, how large they may be, and how downloads are limited.

    `storage_url` is `file:///directory` or `s3://bucket/prefix`; an S3 store takes its credentials, region and endpoint
    from the usual `AWS_...` variables, and the secret of the user from `storage_secret_file` where there is one.
    `behind_proxy` says whether what acknowledges our bytes is a proxy; if it is not said, it is one where
    `trusted_proxies` are.
    """

    storage_url: str = Field(pattern=r"^(file:///|s3://)")
    storage_secret_file: Path | None = None
    upload_limit_bytes: int = Field(default=20 * 2**30, gt=0)
    session_hours: int = Field(default=24, gt=0)
    contents_kept_days: int = Field(default=30, ge=1)
    connections_per_grant: int = Field(default=8, gt=0)
    patience_seconds: float = Field(default=300.0, gt=0)
    time_zone: str = "Europe/Berlin"
    behind_proxy: bool | None = None

    @property
    def storage_secret(self) -> str | None:
        """The secret of the S3 store's user."""
        return read_secret(self.storage_secret_file) if self.storage_secret_file else None

    @property
    def session_lifetime(self) -> timedelta:
        """How long a download may be resumed after it was started from its link."""
        return timedelta(hours=self.session_hours)

    @property
    def grace(self) -> Grace:
        """How long contents stay when nobody can need them: never shorter than a download may run."""
        return Grace(days=self.contents_kept_days, hours=self.session_hours)

    @property
    def proof(self) -> Proof:
        """What it proves that somebody has acknowledged our bytes."""
        proxied = self.trusted_proxies > 0 if self.behind_proxy is None else self.behind_proxy
        return Proof.PROXY if proxied else Proof.ACKNOWLEDGED

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what people read."""
        return ZoneInfo(self.time_zone)
