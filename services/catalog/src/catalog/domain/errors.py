"""What can be wrong with an assortment or a wish; a name is the reason code, a docstring the sentence people read."""

from collections.abc import Mapping, Sequence


class CatalogError(Exception):
    """A rule of the catalog is broken."""


class ProductUnknown(CatalogError):
    """There is no such product."""


class ProductTaken(CatalogError):
    """There is a product of this family and version already, perhaps a withdrawn one."""


class ProductRefused(CatalogError):
    """This product cannot be sold so; `faults` names what is in the way."""

    def __init__(self, faults: Sequence[Mapping[str, str]]) -> None:
        super().__init__(faults)
        self.facts = {"faults": faults}


class VariantUnknown(CatalogError):
    """The product has no variant of this SKU."""


class ChannelUnknown(CatalogError):
    """There is no such channel."""


class ChannelKindFixed(CatalogError):
    """A channel that was direct cannot become a partner's, nor the reverse; make another channel."""


class PriceUnknown(CatalogError):
    """There is no such price."""


class NotListed(CatalogError):
    """This is not sold in this channel, or not now."""


class NotEligible(CatalogError):
    """This is not sold in this market or to this type of customer."""


class PriceNotRrp(CatalogError):
    """The direct channel sells at exactly the recommended retail price."""


class PriceMissing(CatalogError):
    """A partner channel needs a price of its own for what it lists."""


class PriceNotPayable(CatalogError):
    """This cannot be paid: the payment provider takes no such currency, or no such amount in it."""


class PriceTaken(CatalogError):
    """Another price from that date is recorded already, and no price is ever overwritten; give a later date."""


class PriceBackdated(CatalogError):
    """A price cannot begin in the past where an earlier one was in force; give a date to come, or none."""


class ExclusiveProduct(CatalogError):
    """What the direct channel lists must be offerable to partners: an exclusive product cannot be listed there."""


class NeverSellable(CatalogError):
    """The time in which this counts ends before it begins."""


class PrefixUnused(CatalogError):
    """A prefix is for generated keys; with this key source it would be ignored."""


class KeysUnused(CatalogError):
    """One key per purchase, or a number of devices, needs a key source; without one there are no keys."""


class DaysWrong(CatalogError):
    """A box takes from 1 to 90 working days to arrive, and at least no more than at most."""


class DaysUnused(CatalogError):
    """How many days a delivery takes is named for boxes alone; downloads are there at once."""


class SkuTaken(CatalogError):
    """This SKU belongs to another product."""


class NetForConsumers(CatalogError):
    """A channel that shows prices without VAT sells to businesses alone (PAngV 3, Directive 98/6/EC)."""


class CouponInDirectChannel(CatalogError):
    """The direct channel takes no coupons and gives no discounts."""


class CouponAlike(CatalogError):
    """This channel has a coupon whose code differs in hyphens only; people who type it mean either."""


class SubjectUnknown(CatalogError):
    """There is no family, product or edition of this id."""


class NoDraft(CatalogError):
    """The product is withdrawn: a file that names it sells it again, nothing else does."""


class PictureUnreadable(CatalogError):
    """This is no picture that can be read; send a PNG, a JPEG or a WebP file that is whole."""


class PictureTooLarge(CatalogError):
    """The file is too large; a picture has at most 10 MB."""


class PictureTooVast(CatalogError):
    """The picture has too many pixels; at most 40 million, and 12 000 on a side."""


class PictureTooSmall(CatalogError):
    """The picture is too small; it must be at least 320 pixels wide."""


class PictureUnknown(CatalogError):
    """There is no such picture."""


class PictureLeaving(CatalogError):
    """The same picture is being removed at this moment; try again in a minute."""


class PicturesNotKept(CatalogError):
    """This installation has no store for pictures."""


class AltMissing(CatalogError):
    """A picture needs words for those who cannot see it, in each language."""
