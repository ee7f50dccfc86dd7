"""Mail-relay: buyers and sellers write to each other by aliases; neither sees the other's address."""
