"""The mechanics every service of Kontor stands on; knows no business word."""
