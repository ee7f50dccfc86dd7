"""Catalog: what is for sale, in which channel, to whom, when and at which price."""
