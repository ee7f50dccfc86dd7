"""Why an order cannot be paid as its customer would like to."""


class CurrencyNotTaken(Exception):
    """No payment can be taken in this currency."""


class TransferNotOffered(Exception):
    """Transfers are taken in euros only, for the seller's account is kept in euros; choose another way to pay."""


class TotalNotPayable(Exception):
    """The total is less or more than can be paid by card; `least` and `greatest` say what can, in minor units."""

    def __init__(self, least: int, greatest: int) -> None:
        super().__init__(least, greatest)
        self.facts = {"least": least, "greatest": greatest}
