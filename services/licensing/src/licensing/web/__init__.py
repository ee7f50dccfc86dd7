"""The door for HTTP."""

from typing import Final

from chassis.lists import FileEmpty, FileNotText, FileTooLong, ListRefused
from chassis.web import Routes

from licensing.domain import licenses
from licensing.domain.devices import DevicesUsedUp, DeviceUnknown
from licensing.web import devices, keys, stock

ROUTES: Final = Routes(
    stock.routes,
    keys.routes,
    devices.routes,
    errors={
        FileNotText: 422,
        FileEmpty: 422,
        FileTooLong: 413,
        ListRefused: 422,
        licenses.LicenseEnded: 410,
        licenses.LicenseErased: 410,
        licenses.LicenseUnknown: 404,
        licenses.OrderUnknown: 404,
        DeviceUnknown: 404,
        DevicesUsedUp: 409,
        licenses.SkuUnknown: 404,
    },
)
