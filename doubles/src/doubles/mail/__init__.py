"""The mail catcher of the local stack: takes every letter by SMTP, keeps it, shows it, passes none on."""
