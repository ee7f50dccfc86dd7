"""Which event leads to which use case; and which tenants are open, for commands to know."""

from chassis.consuming import TENANTS, Reactions, on
from contracts.delivery import FileReleased

from catalog.usecases import presenting

REACTIONS = Reactions(on(FileReleased, presenting.copy_files), TENANTS)
