"""A database that was restored learns from its service's own events what it does not know any more."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chassis.config.clock import Clock
from chassis.config.provision import Provision
from chassis.config.settings import ServiceSettings
from chassis.consuming.erasure import ServiceName
from chassis.consuming.message import read_message
from chassis.db.transaction import Tx
from chassis.doctor.examination import no_keys
from chassis.identity.keyrings import KeyRings
from chassis.publishing.published import Published

if TYPE_CHECKING:
    from chassis.service.service import Service


async def take_back(tx: Tx, service: "Service[Any]", settings: ServiceSettings, published: Sequence[Published]) -> None:
    """Let a service's own events take effect, in the order of their numbers; publishes nothing.

    It is one transaction: where one of them cannot be taken back, none is.
    """
    doors = service.doors
    if doors.takes_back is None:
        return
    clock = Clock(settings.clock_file)
    keys = KeyRings(no_keys, clock)
    provision = Provision([*doors.provide(settings, keys), keys, clock, ServiceName(service.name)])
    read = [read_message(one.record, settings.topic_prefix) for one in published]
    tx.effects = False
    for reaction, messages in doors.takes_back.bound(provision).of([one for one in read if one.fault is None]):
        await reaction.apply(tx, messages, lambda: None)
    tx.outgoing.clear()
