"""What is open while catalog serves, and what its functions may ask for."""

from chassis.service import Doors

from catalog.messaging import REACTIONS
from catalog.web import ROUTES

DOORS = Doors(ROUTES, REACTIONS)
