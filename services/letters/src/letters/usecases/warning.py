"""Letters of security: whoever has an account or a key learns what has happened to it, for it may have been a thief."""

import orjson
from chassis.consuming import Touched
from chassis.db import Tx
from contracts.security import (
    AccountEvent,
    NewDeviceSignedIn,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorsReset,
)

from letters.domain.notification import About
from letters.domain.sending import Sender
from letters.store import freed_devices
from letters.usecases import concluding
from letters.usecases.notifying import record

Facts = dict[str, str | int]


async def factor_added(tx: Tx, added: SecondFactorAdded, sender: Sender) -> None:
    """Tell whoever has the account that an authenticator app or a passkey is another way in."""
    await _write(tx, sender, added, About(f"{added.factor}_added"))


async def factor_removed(tx: Tx, removed: SecondFactorRemoved, sender: Sender) -> None:
    """Tell whoever has the account that an authenticator app or a passkey is removed."""
    await _write(tx, sender, removed, About(f"{removed.factor}_removed"))


async def factors_reset(tx: Tx, reset: SecondFactorsReset, sender: Sender) -> None:
    """Tell whoever has the account that staff has removed all factors."""
    await _write(tx, sender, reset, About.FACTORS_RESET)


async def code_used(tx: Tx, used: RecoveryCodeUsed, sender: Sender) -> None:
    """Tell whoever has the account that a recovery code has counted, and how many are left."""
    await _write(tx, sender, used, About.RECOVERY_CODE_USED, left=used.left)


async def codes_renewed(tx: Tx, renewed: RecoveryCodesRenewed, sender: Sender) -> None:
    """Tell whoever has the account that there are other recovery codes."""
    await _write(tx, sender, renewed, About.RECOVERY_CODES_RENEWED)


async def signed_in(tx: Tx, new: NewDeviceSignedIn, sender: Sender) -> None:
    """Tell whoever has the account of a device that it was not used with before, or of each of several."""
    if not new.earlier:
        await _write(tx, sender, new, About.NEW_DEVICE)
        return
    count = 1 + len(new.earlier) + new.more
    earlier = [[one.at.isoformat(), one.browser or "", one.system or ""] for one in new.earlier]
    named = orjson.dumps(earlier).decode()
    await _write(tx, sender, new, About.NEW_DEVICES, count=count, earlier=named, more=new.more)


async def conclude(tx: Tx, touched: Touched, sender: Sender) -> None:
    """Record every e-mail that is due for these orders, and a letter for each device that was freed."""
    await concluding.conclude(tx, touched, sender)
    for freed in await freed_devices.take(tx, touched):
        if freed.reader is None:
            continue
        name, email = freed.reader
        facts: Facts = {
            "product": freed.product or "",
            "number": freed.number,
            "at": freed.freed_at.isoformat(),
            "channel": freed.channel,
            "seller": freed.seller,
            "path": f"account/keys/{freed.order_id}/{freed.license_id}/devices",
        }
        about = (About(f"device_freed_by_{freed.freed_by}"), freed.id, freed.language, name, email)
        await record(tx, sender, freed.tenant, *about, secret_box=freed.device, facts=facts)


async def _write(tx: Tx, sender: Sender, event: AccountEvent, about: About, **more: str | int) -> None:
    facts: Facts = {
        "shop": event.shop,
        "at": event.happened_at.isoformat(),
        "browser": event.browser or "",
        "system": event.system or "",
        "reader": "staff" if event.staff else "customer",
        **({"page": event.page} if event.page else {}),
        **more,
    }
    to = (about, tx.new_id(), event.language, event.name, event.email)
    await record(tx, sender, event.tenant, *to, facts=facts)
