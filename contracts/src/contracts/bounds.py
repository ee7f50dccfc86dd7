"""What the numbers and times of events may be: stated in their schemas, and so that every reader can keep them."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
# money in minor units, sizes in bytes: what every reader of JSON takes exactly (RFC 8259 6)
Amount = Annotated[int, Field(ge=0, le=2**53 - 1)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Days = Annotated[int, Field(ge=0, le=36_500)]
# what a column can hold in every time zone, and more than any sale needs
YEARS: Final = range(2000, 2200)
Year = Annotated[int, Field(ge=YEARS.start, lt=YEARS.stop)]
# JSON Schema has no word for the bounds of a time; whatever the zone, what its pattern takes is within ours
Time = Annotated[
    AwareDatetime,
    Field(
        ge=datetime(1999, 12, 31, tzinfo=UTC),
        lt=datetime(2200, 1, 2, tzinfo=UTC),
        json_schema_extra={"pattern": "^2[01][0-9]{2}-"},
    ),
]
