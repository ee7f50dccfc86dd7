"""What the provider answers when it will not."""

from .shapes import Json


class Refusal(Exception):
    """The provider refuses the call; the fields are those of its error object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        # Stripe saves an answer under its idempotency key once work has begun, not when the parameters are wrong.
        self.kept = kept

    def body(self) -> Json:
        """Renders the error object of the wire."""
        error: Json = {"type": self.kind, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(param: str) -> Refusal:
    """Says that a required parameter is not there."""
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(noun: str, key: str, *, param: str | None = None) -> Refusal:
    """Says that there is no such object: 404 when the path names it, 400 when a parameter does."""
    return Refusal(
        f"No such {noun}: '{key}'", status=400 if param else 404, code="resource_missing", param=param or "id"
    )
