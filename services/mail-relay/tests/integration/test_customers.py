"""Partners see aliases, or identities where the tenant has chosen white label (MAIL-20, K18)."""

from datetime import timedelta
from uuid import uuid4

from .conftest import Relay
from .people import opened_for, placed
from .test_policies import call, publish


async def test_MAIL_20_K18_partners_see_an_alias_unless_the_tenant_has_chosen_white_label(relay: Relay):
    talk = await relay.converse()
    path = f"/conversations/{talk.id}/customer"
    alias = {"ownership": "marketplace", "write_to": talk.seller_writes_to, "name": None, "email": None}
    asked = len(relay.house.accounts.asked)
    status, seen = await call(relay, talk, "GET", f"{path}?purpose=shipping", "sales")
    assert (status, seen) == (200, {"conversation": str(talk.id), **alias})
    assert len(relay.house.accounts.asked) == asked
    at = relay.house.clock.now() + timedelta(seconds=1)
    assert (await publish(relay, talk, valid_from=at, urgency="legal_duty", ownership="white_label"))[0] == 201
    relay.house.shift_clock(2)
    # who came to a marketplace stays an alias; who comes now is the partner's customer
    assert (await call(relay, talk, "GET", f"{path}?purpose=shipping", "sales"))[1] == seen
    claims, order = relay.house.accounts.person_claims("Max Muster", "max@buyer.example"), uuid4()
    await relay.house.publish(placed(relay.house, talk.tenant, claims, uuid4(), order))
    later = (await opened_for(relay.house, order)).conversation
    path = f"/conversations/{later}/customer"
    assert (await call(relay, talk, "GET", path, "sales"))[0] == 422
    assert (await call(relay, talk, "GET", f"{path}?purpose=shipping", "bookkeeping"))[0] == 403
    _, seen = await call(relay, talk, "GET", f"{path}?purpose=shipping", "support")
    assert (seen["name"], seen["email"], seen["ownership"]) == ("Max Muster", "max@buyer.example", "white_label")
    rows = await relay.house.sql("select purpose from chassis.audit where object_id = $1", str(later))
    assert [row["purpose"] for row in rows] == ["customers: shipping"]
