"""Other people's servers, played at the wire."""
