"""One call of every operation of delivery."""

import base64

from journeys.clients.call import NOBODY, Call

FILE = {"name": "a.zip"}
PAID = {
    "seller": "kontor",
    "order_number": "X-1",
    "ordered_at": "2026-01-01T00:00:00Z",
    "customer": NOBODY,
    "contact": {"key": NOBODY, "public": base64.b64encode(bytes([9, *bytes(31)])).decode()},
    "sku": "OTHER",
    "name": "Other",
    "units": [NOBODY],
    "link_validity_days": 30,
    "download_limit": 5,
}
DELIVERY = [
    Call("my_grants", "customer"),
    Call("order_grants"),
    Call("view_grant"),
    Call("landing", "anonymous"),
    Call("start_own_download", "customer"),
    Call("start_download", "anonymous", 303, keeps={"secret": "Location"}),
    Call("transfer", "anonymous"),
    Call("list_attempts"),
    Call("list_downloads", given={"proof": True}),
    Call("downloads_csv"),
    Call("order_downloads"),
    Call("customer_articles"),
    Call("customer_downloads"),
    Call("change_grant", body={"download_limit": 9}),
    Call("resend"),
    Call("revoke"),
    Call("upload_file", body=b"the file", given={**FILE, "sku": "OTHER", "version": "2"}),
    Call("list_files", given={"sku": "OTHER"}),
    Call("missing_files"),
    Call("pay_line", body=PAID, given={"order": NOBODY, "line": NOBODY}),
    Call("retire_file", given={**FILE, "sku": "OTHER"}),
]
