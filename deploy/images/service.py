#!/opt/kontor/bin/python
"""The program of an image: what its distribution is called by, but whether it is ready is asked without loading it."""

import os
import sys

if sys.argv[1:] == ["health"]:
    from chassis.health import main

    main("SERVICE")
else:
    os.execv("/opt/kontor/bin/kontor-SERVICE", ["service", *sys.argv[1:]])  # noqa: S606 -- it is our own program
