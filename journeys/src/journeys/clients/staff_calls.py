"""Calls about who works for a tenant; nobody but staff themselves knows their passwords, so that acts are refused."""

from journeys.clients.call import NOBODY, Call

WRONG = {"password": "nobody knows this one"}

STAFF = [
    Call("list_staff"),
    Call("staff_names"),
    Call("invite_staff", status=403, body={**WRONG, "name": "Ina", "email": "ina@kontor.example", "roles": ["sales"]}),
    Call("remove_staff", status=403, body=WRONG, given={"member": NOBODY}),
    Call("invite_staff_again", status=403, body=WRONG, given={"member": NOBODY}),
    Call("reset_factor", status=403, body=WRONG, given={"member": NOBODY}),
]
