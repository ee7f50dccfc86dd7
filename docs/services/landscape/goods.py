"""What a landscape without `catalog` has at CATALOG_URL: one product, for trying the pages of a shop.

It knows nothing of Kontor's code: `python goods.py PORT`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

EDITION = {
    "sku": "VISTA-12",
    "name": "Vista 12",
    "description": "A program that shows things.",
    "price": 4900,
    "currency": "EUR",
    "recommended_price": 4900,
}
PRODUCT = {
    "product": "0199a1de-0000-7000-8000-000000000001",
    "line": "Programs",
    "family": "Vista",
    "version": "12",
    "editions": [EDITION],
    "price_ranges": [{"currency": "EUR", "lowest": 4900, "highest": 4900}],
}


class Handler(BaseHTTPRequestHandler):
    """Answers what a shop's first page asks for, and refuses everything else."""

    def do_GET(self) -> None:
        """Answer with all products, which are one."""
        if urlsplit(self.path).path == "/products":
            self.answer(200, {"items": [PRODUCT], "next": None})
        else:
            self.answer(404, {"type": "/problems/not-found", "title": "There is no such thing.", "status": 404})

    def answer(self, status: int, content: object) -> None:
        """Send JSON."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
