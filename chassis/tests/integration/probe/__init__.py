"""Notes meetings, so that the tests of the chassis have a service to stand on."""
