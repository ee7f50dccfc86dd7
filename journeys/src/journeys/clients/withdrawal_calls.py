"""One call of every operation about withdrawals: of an order that is cancelled by then, and of one that nobody has."""

from journeys.clients.call import Call

UNKNOWN = "0192d3a4-0000-7000-8000-0000000000aa"

WITHDRAWALS = [
    Call(
        "withdraw_lines",
        "customer",
        201,
        {"lines": ["$line_later"], "language": "en"},
        given={"order": "$later"},
        keeps={"withdrawal_later": "withdrawal"},
    ),
    Call("view_withdrawal", "customer", given={"order": "$later", "withdrawal": "$withdrawal_later"}),
    Call("order_withdrawals", "customer", given={"order": "$later"}),
    Call(
        "declare_withdrawal",
        "anonymous",
        202,
        {
            "tenant": "$tenant",
            "channel": "direct",
            "withdrawal": UNKNOWN,
            "name": "Erika Musterfrau",
            "number": "K-2026-999999",
            "email": "erika@example.org",
        },
    ),
    Call("list_withdrawals", given={"waiting": True}),
    # whether it fits an order is found out a moment later
    Call("view_declaration", given={"withdrawal": UNKNOWN}),
    Call(
        "finish_withdrawal",
        status=(200, 409),
        body={"note": "There is no such order; we have written to them."},
        given={"withdrawal": UNKNOWN},
    ),
    Call("view_declarant", status=(200, 404), given={"withdrawal": UNKNOWN, "purpose": "withdrawal"}),
]
