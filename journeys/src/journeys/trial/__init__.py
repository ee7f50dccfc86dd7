"""What the tests of whole sales share."""
