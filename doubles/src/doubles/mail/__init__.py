"""The mail server's double: takes every mail by SMTP, stores it and shows it, and passes none on."""
