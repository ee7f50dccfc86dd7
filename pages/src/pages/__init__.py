"""What the pages of several services share: looks, words, forms, sessions, and asking the services."""
