"""The routes of delivery, and what its errors mean in HTTP."""

from chassis.identity.keyrings import KeyRings
from chassis.web import Routes

from delivery.clients.objects import Objects, StorageAway
from delivery.clients.peers import Transfers
from delivery.domain import files, grants
from delivery.web import downloads, landing, statistics, uploads
from delivery.web import grants as grant_routes
from delivery.web.downloads import Limits

ERRORS: dict[type[Exception], int] = {
    files.FileNameRefused: 422,
    files.MediaTypeRefused: 415,
    files.FileTooLarge: 413,
    files.FileEmpty: 422,
    files.HashDiffers: 422,
    files.UploadTorn: 400,
    files.FileDamaged: 503,
    grants.LinkUnknown: 404,
    grants.LinkExpired: 410,
    grants.LinkUsedUp: 410,
    grants.LinkRevoked: 410,
    grants.SessionOver: 410,
    grants.DownloadDone: 410,
    grants.TooManyConnections: 429,
    grants.GrantUnknown: 404,
    grants.GrantDead: 409,
    StorageAway: 503,
}


def routes(objects: Objects, transfers: Transfers, keys: KeyRings, limits: Limits) -> Routes:
    """What delivery answers."""
    routes = Routes(ERRORS)
    uploads.add(routes, objects, limits)
    landing.add(routes, limits)
    downloads.add(routes, objects, transfers, limits)
    grant_routes.add(routes)
    statistics.add(routes, keys, limits)
    return routes
