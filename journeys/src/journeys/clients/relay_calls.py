"""One call of every operation of mail-relay."""

from journeys.clients.call import NOBODY, Call

RELAY = [
    Call("open_conversation", "customer", body={"seller": "kontor"}, keeps={"conversation": "conversation"}),
    Call("list_conversations", "customer"),
    Call("close_conversation", "customer"),
    Call("reopen_conversation", "customer"),
    Call("conversation_of_order"),
    Call("list_messages"),
    Call("read_case", given={"purpose": "a test of clients"}),
    Call(
        "ask_for_export",
        status=201,
        body={"form": "archive", "purpose": "a test of clients"},
        keeps={"export": "export"},
    ),
    Call("list_exports"),
    Call("view_export"),
    Call("release_export", status=403),  # nobody releases their own
    Call("fetch_export", status=409),
    Call("hold_conversation", keeps={"hold": "items.0.hold"}),
    Call("list_holds"),
    Call("release_hold", status=204),
    Call("archive_keys", "anonymous"),
    Call("view_terms"),
    Call("set_terms", body={"contact": 48, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": False}),
    Call("open_claim", "customer", status=409, body={"reason": "other", "about": []}),  # there is no order
    Call("view_claims", "customer"),
    Call("claims_of_order"),
    Call("list_claims"),
    *(
        Call(operation, by, status=404, given={"claim": NOBODY})
        for operation, by in (("view_claim", "staff"), ("withdraw_claim", "customer"), ("appeal_claim", "customer"))
    ),
    Call(
        "decide_claim",
        status=404,
        given={"claim": NOBODY},
        body={"outcome": "for_seller", "grounds": "agreed", "units": []},
    ),
    Call("view_durations"),
    Call("view_late_rates", given={"seller": "kontor"}),
    Call("needs_no_answer", status=204),
]
