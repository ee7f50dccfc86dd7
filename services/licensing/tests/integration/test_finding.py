"""Staff finds a key by the characters that are shown of it, and nobody else does."""

from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, serials


async def test_a_key_is_found_by_its_last_four_characters(counter: Counter):  # LIC-5
    sale = counter.sale("FOUND", 2, key_source=KeySource.GENERATED, keys_per=KeysPer.PURCHASE)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    key = (await counter.texts(sale))[sale.units[0]]
    for role in ("sales", "support", "reviewer"):
        for end in (key[-4:], key[-4:].lower()):
            status, found = await counter.get(f"/licenses?ending={end}", counter.staff(role))
            assert status == 200
            (one,) = [one for one in found["items"] if one["order"] == str(sale.order)]
            assert (one["masked_key"], one["sku"], one["state"]) == (f"…{key[-4:]}", "FOUND", "issued")
            assert key not in str(found)
    await counter.home.publish(sale.refunded(sale.units[0]))
    await counter.quiet()
    _, found = await counter.get(f"/licenses?ending={key[-4:]}", counter.staff("support"))
    assert [one["state"] for one in found["items"] if one["order"] == str(sale.order)] == ["issued"]


async def test_keys_of_others_and_keys_in_stock_are_not_found(counter: Counter):
    await counter.fill("UNSOLD", "\n".join([f"{text}QQZZ" for text in serials("UNSOLD", 2)]))
    sale = counter.sale("HIDDEN", key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    end = (await counter.texts(sale))[sale.units[0]][-4:]
    path = f"/licenses?ending={end}"
    _, found = await counter.get(path, counter.staff("support", tenant="nordlicht"))
    assert found["items"] == []
    for headers in (counter.customer(sale), counter.staff("files"), counter.staff("bookkeeping")):
        assert (await counter.get(path, headers))[0] == 403
    assert (await counter.get(path, {}))[0] == 401
    assert (await counter.get("/licenses?ending=QQZZ", counter.staff("support")))[1]["items"] == []
    for wrong in ("", "ABC", "ABCDE", "AB%25D"):
        assert (await counter.get(f"/licenses?ending={wrong}", counter.staff("support")))[0] == 422
