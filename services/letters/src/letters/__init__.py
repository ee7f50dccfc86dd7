"""Letters: e-mails to customers; each is recorded, sent once, and its server's answer kept."""
