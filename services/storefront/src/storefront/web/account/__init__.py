"""The account of a customer: what they bought, earned and wrote, and who they are."""

from typing import Final

from storefront.web.account import (
    claims,
    deletion,
    downloads,
    email,
    exports,
    factor,
    keys,
    messages,
    organisation,
    organisation_members,
    overview,
    passkeys,
    password,
    points,
    privacy,
    redeeming,
    security,
    writing,
)

ROUTES: Final = (
    overview.routes,
    downloads.routes,
    keys.routes,
    points.routes,
    redeeming.routes,
    # before those of messages, whose addresses are wider
    claims.routes,
    writing.routes,
    messages.routes,
    organisation.routes,
    organisation_members.routes,
    privacy.routes,
    exports.routes,
    deletion.routes,
    security.routes,
    password.routes,
    email.routes,
    factor.routes,
    passkeys.routes,
)

__all__ = ["ROUTES"]
