"""Payments: cards through a provider, bank transfers, refunds; only captured or booked money releases anything."""
