"""Calls of licensing: a list of serials, and a key with its devices."""

from journeys.clients.call import Call

DEVICE = {"license_key": "$license_key", "tenant": "$tenant", "device": "a"}
LICENSING = [
    Call("list_backorders"),
    Call("list_used_up", "anonymous"),
    Call("view_stock", given={"sku": "$sku_of_serials"}),
    Call("import_file", status=201, body="$serials", given={"sku": "$sku_of_serials"}),
    Call("validate", "anonymous", body={"license_key": "ABCD-EFGH", "tenant": "$tenant"}),
    Call("view_licenses", "customer", keeps={"license": "items.0.license"}),
    Call("open_license", "customer", keeps={"license_key": "license_key"}),
    Call("find_licenses", given={"ending": "ABCD"}),
    Call("activate", "anonymous", body=DEVICE),
    Call("list_devices", "customer", keeps={"device": "items.0.device"}),
    Call("free_device", "customer", status=204),
    Call("free_device_for", status=204, body={"reason": "asked"}),
    Call("deactivate", "anonymous", body=DEVICE),
]
