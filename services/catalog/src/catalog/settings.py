"""What catalog reads from its environment."""

from pathlib import Path

from chassis.config import ServiceSettings, read_secret
from pydantic import Field


class Settings(ServiceSettings):
    """Where pictures are kept; without a place products have none.

    `storage_url` is `file:///directory` or `s3://bucket/prefix`; an S3 store takes its credentials, region and endpoint
    from the usual `AWS_...` variables, and the secret of the user from `storage_secret_file` where there is one.
    """

    storage_url: str = Field(default="", pattern=r"^(|file:///.*|s3://.+)$")
    storage_secret_file: Path | None = None

    @property
    def storage_secret(self) -> str | None:
        """The secret of the S3 store's user."""
        return read_secret(self.storage_secret_file) if self.storage_secret_file else None
