"""One call of every operation about what is not ordered yet."""

from journeys.clients.call import Call

CARTS = [
    Call("quote_cart", "customer", body="$cart"),
    Call("last_address", "customer"),
]
