"""The routes of accounts, and the statuses of its domain errors."""

from chassis.web import Routes
from contracts.emails import EmailMalformed

from accounts.domain import exports as export_rules
from accounts.domain import passkey, people, purposes
from accounts.domain import second_factor as factors
from accounts.web import (
    address,
    confirming,
    exports,
    invitations,
    passkeys,
    profile,
    resetting,
    second_factor,
    services,
    sessions,
    sign_in,
    staff,
)

ROUTES = Routes(
    sign_in.routes,
    invitations.routes,
    resetting.routes,
    confirming.routes,
    profile.routes,
    address.routes,
    sessions.routes,
    exports.routes,
    passkeys.routes,
    second_factor.routes,
    services.routes,
    staff.routes,
    errors={
        people.TenantUnknown: 404,
        people.CustomerUnknown: 404,
        people.ErasureUnknown: 404,
        people.SessionUnknown: 404,
        export_rules.ExportUnknown: 404,
        export_rules.ExportGone: 410,
        export_rules.ExportUnready: 409,
        export_rules.TooManyExports: 429,
        people.InvitationRefused: 401,
        people.ResetRefused: 401,
        people.EmailChangeUnknown: 404,
        people.CodeRefused: 404,
        people.AlreadyConfirmed: 409,
        people.TooManyCodes: 429,
        people.PasswordGuessable: 422,
        purposes.TooManyKeys: 429,
        people.EmailTaken: 409,
        people.TooManyRegistrations: 429,
        EmailMalformed: 422,
        people.SignInRefused: 401,
        people.RefreshRefused: 401,
        people.ServiceRefused: 401,
        people.PasswordRefused: 403,
        people.AccountErased: 410,
        people.Throttled: 429,
        passkey.PasskeyUnknown: 404,
        passkey.PasskeyRefused: 401,
        passkey.PasskeyUnfit: 422,
        passkey.TooManyPasskeys: 409,
        factors.SecondFactorNeeded: 401,
        factors.SecondFactorRefused: 401,
        factors.SecondFactorAbsent: 409,
        factors.SecondFactorPresent: 409,
    },
)
