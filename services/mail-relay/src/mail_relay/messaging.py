"""Which event leads to which function."""

from chassis.consuming import Reactions, on
from contracts.accounts import EmailChanged, KeyDestroyed, TenantChanged, TenantOpened
from contracts.orders import OrderPlaced

from mail_relay.store import sellers
from mail_relay.usecases import erasing, opening

REACTIONS = Reactions(
    on(OrderPlaced, opening.open_for_order),
    on(TenantOpened, sellers.copy),
    on(TenantChanged, sellers.copy),
    on(EmailChanged, opening.readdress),
    on(KeyDestroyed, erasing.erase),
)
