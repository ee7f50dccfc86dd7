"""What a service knows of a person, as its share of an export: taken once, sealed to the export's key, published."""

from chassis.exporting.answering import EXPORTS, answer_exports
from chassis.exporting.share import Share, parsed, parts_of, readable, records, sealed_share

__all__ = ["EXPORTS", "Share", "answer_exports", "parsed", "parts_of", "readable", "records", "sealed_share"]
