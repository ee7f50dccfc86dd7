"""I6: no topic and no table holds a real e-mail address in clear."""

from collections.abc import Iterable

from stack.services import SERVICES

from journeys.verify.invariant import Check, Invariant


def own_address() -> str:
    """Return the address from which the shop writes."""
    return next(service.environment["MAIL_FROM"] for service in SERVICES if "MAIL_FROM" in service.environment)


def alias_domain() -> str:
    """Return the domain of the aliases by which buyers and sellers write to each other."""
    return next(service.environment["ALIAS_DOMAIN"] for service in SERVICES if "ALIAS_DOMAIN" in service.environment)


def privacy(also: Iterable[str] = ()) -> Invariant:
    """Return the invariant.

    Allowed are the addresses of the shop and its sellers, those that it shows to everybody, its Message-IDs, aliases,
    and `also`.
    """
    own = own_address()
    # a Message-ID looks like an address; ours are an e-mail's id at the shop's domain, or a message's at the aliases'
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
                  and lower(address) not in (select lower(email) from s_addresses)
                  and lower(address) not in (select lower(email) from c_addresses)
                  -- a brand of before, of which the storefront knows no more
                  and lower(address) not in (select lower(address) from addresses where place = 'topic ShopOpened')
                  and lower(address) not glob '{glob}@{own.partition("@")[2]}'
                  and lower(address) not glob '{glob}@{alias_domain()}'
                  and lower(address) not glob '{"[a-z2-7]" * 32}@{alias_domain()}'
                  and lower(address) not glob '{"[a-z2-7]" * 32}+[a-z]*@{alias_domain()}'
                  -- who writes for a seller stands in clear, as the seller's own address does
                  and place <> 'mail-relay.writers'
                group by place
                """,
            )
        ],
    )
