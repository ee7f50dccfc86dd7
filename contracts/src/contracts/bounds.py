"""What the numbers and times of events may be: stated in their schemas, and so that every reader can keep them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaValidator
from pydantic_core.core_schema import (
    chain_schema,
    datetime_schema,
    json_or_python_schema,
    no_info_plain_validator_function,
    str_schema,
)

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
# money in minor units, sizes in bytes: what every reader of JSON takes exactly (RFC 8259 6)
Amount = Annotated[int, Field(ge=0, le=2**53 - 1)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Days = Annotated[int, Field(ge=0, le=36_500)]
# what a column can hold in every time zone, and more than any sale needs
YEARS: Final = range(2000, 2200)
Year = Annotated[int, Field(ge=YEARS.start, lt=YEARS.stop)]
RFC3339: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"


class AsText:
    """Lets a time stand in JSON and in addresses as RFC 3339 writes it, and no other text or number mean one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read texts by the pattern first, then apart: a strict reader takes no text that has been looked at."""
        time = handler(source)
        read = no_info_plain_validator_function(SchemaValidator(time).validate_python)
        return json_or_python_schema(chain_schema([str_schema(pattern=RFC3339), read]), time)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the time, not the steps of reading it."""
        return handler(datetime_schema())


# JSON Schema has no word for the bounds of a time; whatever the zone, what its pattern takes is within ours
Time = Annotated[
    AwareDatetime,
    Field(
        ge=datetime(1999, 12, 31, tzinfo=UTC),
        lt=datetime(2200, 1, 2, tzinfo=UTC),
    ),
    AsText(),
    Field(json_schema_extra={"pattern": "^2[01][0-9]{2}-"}),
]
