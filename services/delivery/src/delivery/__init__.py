"""Delivery: protected files, a download link for each paid line, downloads that are proven to have arrived."""
