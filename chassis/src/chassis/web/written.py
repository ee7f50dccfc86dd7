"""Parameters of an address, in the one form in which the description shows them."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import TypeAdapter, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

ID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


def adapter(hint: Any) -> TypeAdapter[Any]:
    """Return what reads a parameter of this type from a text of an address."""
    annotated: Any = Annotated
    return TypeAdapter(annotated[hint, AS_WRITTEN])


def pattern(name: str, reads: TypeAdapter[Any]) -> str:
    """Return the part of a path in which a parameter stands, as the router takes it."""
    return f"{{{name}:{ID}}}" if reads.json_schema().get("format") == "uuid" else f"{{{name}}}"


def _as_written(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Refuse what pydantic takes in forms that JSON does not have: `1_0` and `+1`, `yes` and `on`, `urn:uuid:...`."""
    value = read(given)
    if isinstance(given, str):
        match value:
            case bool():
                fits = given == ("true" if value else "false")
            case int():
                fits = given == str(value)
            case UUID():
                fits = given.lower() == str(value)
            case _:
                fits = True
        if not fits:
            raise PydanticCustomError("form", "written in another form than described")
    return value


AS_WRITTEN = WrapValidator(_as_written)
