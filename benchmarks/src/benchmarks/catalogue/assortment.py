"""An assortment file."""

PRODUCTS = 100
HEAD = """
currency: EUR
time_zone: Europe/Berlin

channels:
  direct: {kind: direct, seller: kontor, market: DE}
  nordlicht: {kind: partner, seller: nordlicht, market: DE}

products:
"""
PRODUCT = """
  - line: Büroprogramme
    family: Office {number:03d}
    version: "2007"
    editions:
"""
EDITION = """
      - code: {code}
        name: Office {number:03d} {code}
        description: Texte, Tabellen und Kalender in der Ausgabe {code}, für den Anfang und danach.
        variants:
          - sku: OFFICE-{number:03d}-{code}-ESD
            fulfilment: download
            rrp: {price}.00
            license: {{key_source: generated, key_prefix: OFF}}
            channels:
              direct: {{}}
              nordlicht: {{price: {less}.00}}
          - sku: OFFICE-{number:03d}-{code}-BOX
            fulfilment: boxed
            rrp: {more}.00
            channels:
              direct: {{}}
"""
CODES = ("standard", "professional")


def assortment() -> str:
    """Return products of two editions, each as a download and as a box; a partner sells the downloads too."""
    text = HEAD
    for number in range(PRODUCTS):
        text += PRODUCT.format(number=number)
        for index, code in enumerate(CODES):
            price = 100 + number + 50 * index
            text += EDITION.format(number=number, code=code, price=price, less=price - 9, more=price + 10)
    return text
