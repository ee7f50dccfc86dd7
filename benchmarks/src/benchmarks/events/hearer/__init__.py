"""Leaves one row for each paid order it hears of."""
