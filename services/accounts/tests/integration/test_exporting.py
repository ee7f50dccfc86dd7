"""All that is known of a customer in one file: asked for, gathered, fetched, deleted. GDPR 15, 20"""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from accounts.domain.erasure import HOLDERS
from chassis.exporting import sealed_share
from chassis_testing.harness import until
from contracts.exports import DataExportRequested, DataShareExported

from .conftest import PROOF, House, Person

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


async def ask(house: House, token: str, key: str | None = None, **changes: Any) -> tuple[int, dict[str, Any]]:
    return await house.ask("POST", "/me/exports", PROOF | changes, token, **{"Idempotency-Key": key or str(uuid4())})


async def requested(house: House, token: str) -> DataExportRequested:
    """Ask for an export, and return the event that asks the services."""
    status, export = await ask(house, token)
    assert status == 201, export

    async def event() -> DataExportRequested | None:
        found = [one for one in house.published(DataExportRequested) if str(one.export) == export["export"]]
        return found[0] if found else None

    return await until(event, what="the request")


def answers(request: DataExportRequested, service: str, **content: Any) -> list[DataShareExported]:
    """A service's share, in parts."""
    boxes = sealed_share(service, request.requested_at, {"notes": [], **content}, request.sealed_to)
    share = uuid4()
    return [request.answered_by(service, share, at, len(boxes), box) for at, box in enumerate(boxes, 1)]


async def answered_by_all(house: House, request: DataExportRequested, *but: str) -> None:
    for service in HOLDERS:
        if service not in but:
            await house.home.publish(*answers(request, service, things=[{"of": service}]))
    await house.home.settled()


async def view(house: House, token: str, export: UUID) -> dict[str, Any]:
    status, answer = await house.ask("GET", f"/me/exports/{export}", token=token)
    assert status == 200, answer
    return answer


async def fetch(house: House, token: str, export: UUID) -> tuple[int, bytes]:
    async with house.home.http.get(f"/me/exports/{export}/file", headers=house.home.bearer(token)) as answer:
        return answer.status, await answer.read()


def unpacked(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


async def test_an_export_is_told_to_every_holder_and_shows_how_many_have_answered(
    house: House, person: Person, token: str
):
    request = await requested(house, token)
    assert (request.tenant, request.customer, request.expected) == (person.tenant, person.id, list(HOLDERS))
    assert request.expires_at - request.requested_at == WEEK
    shown = await view(house, token, request.export)
    assert (shown["state"], shown["answered"], shown["expected"]) == ("collecting", 1, len(HOLDERS) + 1)
    assert (await fetch(house, token, request.export))[0] == 409
    await house.home.publish(*answers(request, "orders"))
    await house.home.settled()
    shown = await view(house, token, request.export)
    assert (shown["state"], shown["answered"]) == ("collecting", 2)
    assert "orders" not in shown["missing"]
    await answered_by_all(house, request, "orders")
    shown = await view(house, token, request.export)
    assert (shown["state"], shown["missing"]) == ("ready", [])
    status, listed = await house.ask("GET", "/me/exports", token=token)
    assert (status, listed["items"]) == (200, [shown])


async def test_the_file_has_a_readme_the_account_and_each_share_in_this_order(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request)
    status, data = await fetch(house, token, request.export)
    files = unpacked(data)
    assert status == 200
    assert list(files) == ["README.txt", "accounts.json", *(f"{service}.json" for service in HOLDERS)]
    assert files["orders.json"]["things"] == [{"of": "orders"}]
    (account,) = files["accounts.json"]["account"]
    assert (account["name"], account["email"].lower()) == (person.name, person.email.lower())
    assert files["README.txt"].startswith("Ihre Daten")
    assert all(name in files["README.txt"] for name in files if name != "README.txt")
    assert (await fetch(house, token, request.export))[1] == data, "it is the same each time"


async def test_no_secret_of_an_account_is_in_its_share(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request)
    text = json.dumps(unpacked((await fetch(house, token, request.export))[1])["accounts.json"])
    (login,) = await house.home.sql("select password_hash from logins where subject_id = $1", person.id)
    assert login["password_hash"] not in text
    assert not [word for word in ("hash", "hmac", "secret", "private", "credential", "token") if word in text]


async def test_nothing_of_an_export_is_in_clear_in_the_database(house: House, person: Person, token: str):
    request = await requested(house, token)
    word = f"word{uuid4().hex}"
    await house.home.publish(*answers(request, "orders", things=[{"text": word}]))
    await house.home.settled()
    rows = await house.home.sql("select box from export_parts where export_id = $1", request.export)
    assert len(rows) == 2
    assert not [row for row in rows if word in row["box"] or person.name in row["box"]]


async def test_a_large_share_is_put_together_from_its_parts_however_they_arrive(house: House, token: str):
    request = await requested(house, token)
    letters = [{"text": f"{number} " + "Grüße " * 40_000} for number in range(6)]
    parts = answers(request, "letters", letters=letters)
    assert len(parts) > 1
    for part in (*parts[:0:-1], parts[-1]):
        await house.home.publish(part)
        await house.home.settled()
        assert "letters" in (await view(house, token, request.export))["missing"]
    await house.home.publish(parts[0])
    await answered_by_all(house, request, "letters")
    files = unpacked((await fetch(house, token, request.export))[1])
    assert files["letters.json"]["letters"] == letters


async def test_a_second_share_of_a_restored_service_does_not_mix_with_the_first(house: House, token: str):
    request = await requested(house, token)
    long, short = answers(request, "letters", letters=[{"text": "x" * 1_300_000}]), answers(request, "letters")
    await house.home.publish(long[0], *short)
    await answered_by_all(house, request, "letters")
    files = unpacked((await fetch(house, token, request.export))[1])
    assert "letters" not in files["letters.json"]


async def test_after_an_hour_it_is_offered_without_who_is_missing_and_what_comes_late_is_joined(
    house: House, token: str, person: Person
):
    request = await requested(house, token)
    await answered_by_all(house, request, "payments")
    assert (await fetch(house, token, request.export))[0] == 409
    await house.shift(HOUR)
    token = (await house.sign_in(person))["access_token"]
    shown = await view(house, token, request.export)
    assert (shown["state"], shown["missing"]) == ("incomplete", ["payments"])
    files = unpacked((await fetch(house, token, request.export))[1])
    assert "payments.json" not in files
    assert "payments" in files["README.txt"].rpartition("Unvollständig")[2]
    await house.home.publish(*answers(request, "payments", things=[1]))
    await house.home.settled()
    assert (await view(house, token, request.export))["state"] == "ready"
    files = unpacked((await fetch(house, token, request.export))[1])
    assert files["payments.json"]["things"] == [1]
    assert "Unvollständig" not in files["README.txt"]


async def test_an_export_is_its_owners_alone(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request)
    neighbour = (await house.sign_in(await house.register(person.tenant)))["access_token"]
    elsewhere = (await house.sign_in(await house.register(await house.open_tenant())))["access_token"]
    staff = await house.staff(person.tenant, "support", "reviewer")
    for other, status in ((neighbour, 404), (elsewhere, 404), (staff, 403)):
        assert (await house.ask("GET", f"/me/exports/{request.export}", token=other))[0] == status
        assert (await fetch(house, other, request.export))[0] == status
    assert (await house.ask("GET", "/me/exports", token=neighbour))[1]["items"] == []
    assert (await fetch(house, token, uuid4()))[0] == 404


async def test_a_share_of_another_customer_is_not_joined(house: House, person: Person, token: str):
    request = await requested(house, token)
    stray = request.model_copy(update={"customer": uuid4()})
    foreign = request.model_copy(update={"tenant": "elsewhere"})
    await house.home.publish(*answers(stray, "orders"), *answers(foreign, "orders"))
    await house.home.settled()
    assert "orders" in (await view(house, token, request.export))["missing"]


async def test_after_seven_days_it_is_gone_with_its_key(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request)
    await house.shift(WEEK)

    async def removed() -> bool:
        kept = "select 1 from export_parts where export_id = $1"
        key = "select 1 from private_keys where key_id = $1"
        parts = await house.home.sql(kept, request.export)
        return not parts and not await house.home.sql(key, request.sealed_to.key)

    await until(removed, what="the export to be removed")
    token = (await house.sign_in(person))["access_token"]
    assert (await fetch(house, token, request.export))[0] == 410
    assert (await view(house, token, request.export))["state"] == "expired"
    await house.home.publish(*answers(request, "orders"))
    await house.home.settled()
    assert await removed()


async def test_erasure_deletes_it_at_once(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request, "orders")
    assert (await house.ask("POST", "/me/deletion", PROOF, token))[0] == 200
    assert await house.home.sql("select 1 from exports where id = $1", request.export) == []
    assert await house.home.sql("select 1 from export_parts where export_id = $1", request.export) == []
    assert await house.home.sql("select 1 from private_keys where key_id = $1", request.sealed_to.key) == []
    await house.home.publish(*answers(request, "orders"))
    await house.home.settled()
    assert await house.home.sql("select 1 from export_parts where export_id = $1", request.export) == []
    assert (await fetch(house, token, request.export))[0] == 404
    assert (await ask(house, token))[0] == 410


async def test_it_asks_for_the_password_and_a_wrong_one_counts(house: House, person: Person, token: str):
    status, refused = await ask(house, token, password="ein falsches passwort")
    assert (status, refused["type"]) == (403, "/problems/password-refused")
    failed = await house.home.sql("select 1 from attempts where tenant = $1 and outcome = 'refused'", person.tenant)
    assert len(failed) == 1
    assert not [one for one in house.published(DataExportRequested) if one.customer == person.id]


async def test_three_a_day_may_be_asked_for_and_a_repeated_request_is_the_same_export(
    house: House, person: Person, token: str
):
    first = await ask(house, token, "one-key")
    assert await ask(house, token, "one-key") == first
    assert [(await ask(house, token))[0] for _ in range(3)] == [201, 201, 429]
    assert (await ask(house, token))[1]["retry_after_seconds"] > 80_000
    await house.shift(timedelta(days=1))
    token = (await house.sign_in(person))["access_token"]
    assert (await ask(house, token))[0] == 201


async def test_asking_and_fetching_are_in_the_audit_log(house: House, person: Person, token: str):
    request = await requested(house, token)
    await answered_by_all(house, request)
    await fetch(house, token, request.export)
    rows = await house.home.sql(
        "select actor, operation from chassis.audit where object_id = $1 order by number", str(request.export)
    )
    assert [(row["actor"], row["operation"]) for row in rows] == [
        (str(person.id), "POST /me/exports"),
        (str(person.id), "GET /me/exports/{export}/file"),
    ]


@pytest.mark.parametrize("service", HOLDERS)
async def test_no_service_is_given_the_key_of_an_export(house: House, token: str, service: str):
    request = await requested(house, token)
    secret = await house.service(service)
    for purpose in ("export", "export records", "export profile"):
        assert await house.keys(secret, purpose, request.sealed_to.key) == {}
