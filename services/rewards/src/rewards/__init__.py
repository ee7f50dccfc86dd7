"""Rewards: meetings that were held earn their host points, and points become miles, vouchers and baskets."""
