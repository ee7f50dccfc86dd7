"""Which event leads to which use case: catalog follows none, and knows which tenants may load an assortment."""

from chassis.consuming import TENANTS, Reactions

REACTIONS = Reactions(TENANTS)
