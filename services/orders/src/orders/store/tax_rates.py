"""The rates of VAT of a country."""

from datetime import date

from chassis.db import Read

RATES = """
select distinct on (tax_class) tax_class, rate
from tax_rates
where country = $1
  and valid_from <= $2
order by tax_class, valid_from desc
"""


async def of_country(read: Read, country: str, day: date) -> dict[str, int]:
    """Return the rates that hold on a day, in basis points, by the class of an article."""
    return {row["tax_class"]: row["rate"] for row in await read.fetch(RATES, country, day)}
