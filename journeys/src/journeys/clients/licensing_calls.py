"""Calls of licensing: a list of serials, and a key with its devices."""

from journeys.clients.call import Call

DEVICE = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
MADE = {**DEVICE, "response": {"clientDataJSON": "AAAA", "attestationObject": "AAAA"}}
SIGNED = {**DEVICE, "response": {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}
NEW = "newcomer"

ACCOUNTS = [
    Call("jwks", "anonymous"),
    Call("metadata", "anonymous", (200, 404)),  # at the names of shops alone
    Call(
        "sign_in_register",
        "anonymous",
        201,
        {
            "tenant": "$tenant",
            "email": "$email_of_newcomer",
            **SECRET,
            "name": "Nina Neu",
            "market": "DE",
            "language": "de",
            "keep_data": True,
        },
        keeps={NEW: "customer"},
    ),
    Call("view_customer", "anonymous", given={"customer": f"${NEW}"}),
    Call(
        "sign_in",
        "anonymous",
        body={"tenant": "$tenant", "email": "$email_of_newcomer", **SECRET},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("refresh", "anonymous", body={"refresh_token": "$refresh"}, keeps={"refresh": "refresh_token"}),
    Call("mail_registered_code", NEW, 202),
    Call(
        "confirm_registered",
        NEW,
        body={"code": mailed_code},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("me", NEW),
    Call("choose", NEW, body={**SECRET, "keep_data": True}),
    Call("request_export", NEW, 201, SECRET, keeps={"export": "export"}),
    Call("list_exports", NEW),
    Call("view_export", NEW),
    Call("fetch_export", NEW, 404, given={"export": NOBODY}),  # for the services may take a moment
    Call("change_email", NEW, 202, {**SECRET, "email": "$other_email"}),
    Call("confirm_email", NEW, 404, {"code": "000000"}),  # the code stands in a letter
    Call("view_email", NEW),
    Call("give_up_email", NEW, 204),
    Call("object_to_email", "anonymous", 404, {"tenant": "$tenant", "code": "000000"}),
    Call("authenticate", NEW, 204, SECRET),
    Call("list_passkeys", NEW),
    Call("begin_registration", NEW, body=SECRET),
    # no device signs here
    Call("passkeys_register", NEW, 422, {"name": "Telefon", "credential": MADE}),
    Call("view_passkey", NEW, 404, given={"passkey": NOBODY}),
    Call("rename", NEW, 404, {"name": "Telefon"}, {"passkey": NOBODY}),
    Call("passkeys_remove", NEW, 404, SECRET, {"passkey": NOBODY}),
    Call("begin_sign_in", "anonymous", body={"tenant": "$tenant"}),
    Call("passkeys_sign_in", "anonymous", 401, {"tenant": "$tenant", "credential": SIGNED}),
    Call("see", NEW),
    Call("enrol", NEW, body=SECRET, keeps={"app": "secret"}),
    Call(
        "confirm",
        NEW,
        body={"code": app_code},
        keeps={"token of newcomer": "tokens.access_token", "code": "recovery_codes.0"},
    ),
    Call("renew_codes", NEW, body={**SECRET, "code": "$code"}, keeps={"code": "recovery_codes.0"}),
    Call("second_factor_remove", NEW, 204, {**SECRET, "code": "$code"}),
    Call("change_password", NEW, body={"current": PASSWORD, "new": CHANGED}),
    Call(
        "sign_in",
        "anonymous",
        body={"tenant": "$tenant", "email": "$email_of_newcomer", "password": CHANGED},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("list_sessions", NEW, keeps={"session": "items.0.session"}),
    Call("view_session", NEW),
    Call("end", NEW, 204),
    Call("end_all", NEW, 204),
    Call("request_reset", "anonymous", 202, {"tenant": "$tenant", "email": "$email_of_newcomer"}),
    # the code stands in a letter
    Call("confirm_reset", "anonymous", 401, {"tenant": "$tenant", "code": "000000", "password": CHANGED}),
    Call("sign_out", "anonymous", 204, {"refresh_token": "$refresh"}),
    Call("ask_deletion", NEW, body={"password": CHANGED}),
    *ORGANISATIONS,
    *STAFF,
    Call("list_erasures"),
    Call("view_erasure", given={"customer": f"${NEW}"}),
    Call("search", body={"name": "Erika Musterfrau"}),
    Call("customer_name"),
    Call("service_token", "anonymous", body={"service": "orders", "secret": "$secret of orders"}),
    Call("subject_keys", "service", body={"purpose": "bookkeeping", "keys": [NOBODY]}),
    Call("accept", "anonymous", 204, {"invitation": "$invitation", "password": CHANGED}),
]
