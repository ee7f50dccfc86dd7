"""Licensing: serials and keys, one per paid unit, never twice; stock, back-orders, validation, revocation."""
