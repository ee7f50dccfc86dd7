"""One call of every operation of mail-relay."""

from journeys.clients.call import NOBODY, Call

RELAY = [
    Call("open_conversation", "customer", body={"seller": "kontor"}, keeps={"conversation": "conversation"}),
    Call("list_conversations", "customer"),
    Call("write_message", "customer", body={"subject": "a test of clients", "text": "Guten Tag"}),
    Call("view_attachments", "customer"),
    Call("write_with_files", "customer", body={"subject": "a test of clients", "text": "Guten Abend"}),
    Call("read_thread", "customer"),
    Call("see_messages", "customer", status=204, body={"number": 1}),
    Call("fetch_file", "customer", status=404, given={"message": NOBODY, "number": 1}),
    Call("close_conversation", "customer"),
    Call("reopen_conversation", "customer"),
    Call("conversation_of_order"),
    Call("list_all_conversations", given={"limit": 5}),
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
    Call(
        "publish_policy",
        status=201,
        body={"valid_from": "2199-01-01T00:00:00Z", "measures": {"link": {"action": "hold", "threshold": 0.9}}},
        keeps={"version": "version"},
    ),
    Call("view_policy"),
    Call("list_policies", "customer"),
    Call("list_held"),
    *(
        Call(operation, status=404, given={"message": NOBODY}, body=body)
        for operation, body in (
            ("view_judgement", None),
            ("release_message", None),
            ("deny_message", {"reason": "harmful"}),
        )
    ),
    Call("appeal", "customer", status=409),  # nothing was held
    Call("switch_off", given={"side": "seller"}, body={"reason": "spam"}),
    Call("switch_on", given={"side": "seller"}),
    Call("opt_out", "customer"),
    Call("view_choice", "customer"),
    Call("report_misuse", "customer", status=409),  # nothing came as critical
    Call("opt_in", "customer"),
    Call("view_misuses", given={"seller": "kontor"}),
    Call("unsubscribe", "anonymous", given={"alias": "a" * 32}),
    Call("view_customer", given={"purpose": "a test of clients"}),
    Call(
        "add_writer",
        given={"seller": "kontor"},
        body={"address": "anna@kontor.example"},
        keeps={"writer": "items.0.writer"},
    ),
    Call("list_writers", given={"seller": "kontor"}),
    Call("remove_writer", given={"seller": "kontor"}),
]
