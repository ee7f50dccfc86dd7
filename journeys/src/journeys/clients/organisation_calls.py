"""One call of every operation about organisations; what is made stays, so that others can be seen to be refused."""

from journeys.clients.call import Call

OURS = {"invitation": "$invitation_to_organisation"}
NAMED = {"name": "Muster GmbH", "vat_id": "DE123456789"}

ORGANISATIONS = [
    Call("open_organisation", "customer", 201, NAMED, keeps={"ended": "organisation"}),
    Call("end_organisation", "customer", 204, given={"organisation": "$ended"}),
    Call("open_organisation", "customer", 201, NAMED, keeps={"organisation": "organisation"}),
    Call("list_organisations", "customer"),
    Call("view_organisation", "customer"),
    Call("rename_organisation", "customer", body={**NAMED, "name": "Muster & Töchter"}),
    Call(
        "invite_member",
        "customer",
        201,
        {"email": "colleague@example.org", "role": "buyer"},
        keeps={"invitation_to_organisation": "invitation"},
    ),
    Call("list_member_invitations", "customer"),
    Call("view_member_invitation", "customer", given=OURS),
    Call("withdraw_member_invitation", "customer", 204, given=OURS),
    # the code stands in a letter to somebody else
    Call("read_invitation", "customer", 404, {"code": "000000"}),
    Call("accept_invitation", "customer", 404, {"code": "000000"}),
    Call("change_role", "customer", 204, {"role": "owner"}),
    Call("remove_from_organisation", "customer", 409),  # the last owner stays
    Call("act_for", "customer", 204, {"organisation": "$organisation"}),
]
