"""Partners: who outside may read which events, and sending each only its own, on topics of its own."""
