"""Where contents lie that are no rows: a directory or an S3 bucket. A service that uses it depends on obstore."""

from chassis.storage.shelf import NothingThere, Shelf, StorageAway

__all__ = ["NothingThere", "Shelf", "StorageAway"]
