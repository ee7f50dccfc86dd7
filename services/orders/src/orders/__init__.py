"""Orders: what was ordered, agreed, paid per unit, refunded; frozen when it was placed."""
