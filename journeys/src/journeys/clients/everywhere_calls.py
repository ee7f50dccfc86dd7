"""One call of every operation that each service has."""

from journeys.clients.call import Call

AUDIT = [
    Call("list_acts", given={"limit": 5}, keeps={"number": "items.0.number"}),
    Call("verify_acts", given={"after": 0, "limit": 100}),
    Call("open_facts", body={"purpose": "a test of clients"}),
]
OPERATIONS = [
    Call("view_operations"),
    Call("list_parked", given={"limit": 5}),
    Call("list_dead", given={"limit": 5}),
    # nothing is dead here
    Call("replay_dead", status=404, given={"event": 1}),
]
EVERYWHERE = AUDIT + OPERATIONS
