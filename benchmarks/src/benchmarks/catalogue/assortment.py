"""An assortment file."""

PRODUCTS = 100
HEAD = """
currency: EUR
time_zone: Europe/Berlin

channels:
  direct: {kind: direct, seller: kontor, market: DE}
  nordlicht: {kind: partner, seller: nordlicht, market: DE}

lines:
  Büroprogramme:
    texts:
      de: {title: Büroprogramme}
      en: {title: Office programs}

products:
"""
PRODUCT = """
  - line: Büroprogramme
    family: Office {number:03d}
    version: "2007"
    support: {{contact: hilfe@kontor.example, supported_until: 2040-12-31, secure_until: 2041-06-30}}
    texts:
      de:
        title: Office {number:03d} 2007
        summary: Schreiben, rechnen, vortragen, planen, mit Menüs, die zeigen, was gerade geht.
        description: |
          # Was Sie bekommen

          - **Texte**, die von der ersten Seite an gut aussehen
          - **Tabellen** mit einer Million Zeilen
        requirements: Ein Prozessor mit 500 MHz und 256 MB Speicher
      en:
        title: Office {number:03d} 2007
        summary: Write, calculate, present and plan, with menus that show what can be done.
        description: |
          # What you get

          - **Texts** that look good from the first page on
          - **Sheets** of a million rows
        requirements: A processor of 500 MHz and 256 MB of memory
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


def assortment(count: int = PRODUCTS) -> str:
    """Return products of two editions with texts, each as a download and a box; a partner sells the downloads too."""
    text = HEAD
    for number in range(count):
        text += PRODUCT.format(number=number)
        for index, code in enumerate(CODES):
            price = 100 + number + 50 * index
            text += EDITION.format(number=number, code=code, price=price, less=price - 9, more=price + 10)
    return text
