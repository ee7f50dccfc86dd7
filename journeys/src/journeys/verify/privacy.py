"""I6: no real address in any byte of a topic or a table."""

from collections.abc import Iterable

from stack.services import SERVICES

from journeys.verify.invariant import Check, Invariant


def own_address() -> str:
    """The address from which the shop writes."""
    return next(service.environment["MAIL_FROM"] for service in SERVICES if "MAIL_FROM" in service.environment)


def privacy(also: Iterable[str] = ()) -> Invariant:
    """The invariant, where the shop's own address, its Message-IDs and these may stand."""
    own = own_address()
    # a Message-ID looks like an address; ours are an e-mail's id at the shop's domain
    glob = "[0-9a-f]" * 8 + ("-" + "[0-9a-f]" * 4) * 3 + "-" + "[0-9a-f]" * 12
    listed = ", ".join("'" + address.lower().replace("'", "''") + "'" for address in (own, *also))
    return Invariant(
        "I6",
        "privacy: no real address stands in clear in a topic or a table",
        [
            Check(
                "no address but the shop's own",
                # the place only: the address itself is what must not be shown
                f"""
                select place || ' (' || count(*) || ')'
                from addresses
                where lower(address) not in ({listed})
                  and lower(address) not glob '{glob}@{own.partition("@")[2]}'
                group by place
                """,  # noqa: S608 -- our own words
            )
        ],
    )
