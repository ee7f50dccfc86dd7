"""I6: no topic and no table holds a real e-mail address in clear."""

from collections.abc import Iterable

from stack.services import SERVICES

from journeys.verify.invariant import Check, Invariant


def own_address() -> str:
    """Return the address from which the shop writes."""
    return next(service.environment["MAIL_FROM"] for service in SERVICES if "MAIL_FROM" in service.environment)


def privacy(also: Iterable[str] = ()) -> Invariant:
    """Return the invariant; the addresses of the shop and its sellers, its Message-IDs and those `also` are allowed."""
    own = own_address()
    # a Message-ID looks like an address; ours are an e-mail's id at the shop's domain
    glob = "[0-9a-f]" * 8 + ("-" + "[0-9a-f]" * 4) * 3 + "-" + "[0-9a-f]" * 12
    listed = ", ".join("'" + address.lower().replace("'", "''") + "'" for address in (own, *also))
    return Invariant(
        "I6",
        "privacy: no topic and no table holds a real address in clear",
        [
            Check(
                "no address but the shop's own",
                # where only: the address itself is what must not be shown
                f"""
                select place || ' (' || count(*) || ')'
                from addresses
                where lower(address) not in ({listed})
                  and lower(address) not in (select lower(email) from a_sellers)
                  and lower(address) not glob '{glob}@{own.partition("@")[2]}'
                group by place
                """,
            )
        ],
    )
