"""What an operator wants to know first: what is wrong with a service's surroundings, and what to do next."""

from chassis.doctor.diagnosis import Diagnosis, Grade, concern, well, wrong
from chassis.doctor.stored import Stored

__all__ = ["Diagnosis", "Grade", "Stored", "concern", "well", "wrong"]
