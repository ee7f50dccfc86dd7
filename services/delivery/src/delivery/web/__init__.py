"""The door for HTTP."""

from typing import Final

from chassis.web import Routes

from delivery.clients.objects import StorageAway
from delivery.domain import files as stored
from delivery.domain import grants as granted
from delivery.domain import sessions
from delivery.web import downloads, grants, landing, lines, proof, statistics, uploads
from delivery.web.downloads import Limits

ROUTES: Final = Routes(
    uploads.routes,
    landing.routes,
    downloads.routes,
    grants.routes,
    lines.routes,
    statistics.routes,
    proof.routes,
    errors={
        stored.FileNameRefused: 422,
        stored.NameTellsTooMuch: 422,
        stored.MediaTypeRefused: 415,
        stored.FileTooLarge: 413,
        stored.FileEmpty: 422,
        stored.HashDiffers: 422,
        stored.UploadTorn: 400,
        stored.FileDamaged: 503,
        stored.FileUnknown: 404,
        stored.FileThere: 409,
        stored.FileRetired: 410,
        stored.ContentLeaving: 503,
        granted.LinkUnknown: 404,
        granted.LinkExpired: 410,
        granted.LinkUsedUp: 410,
        granted.LinkRevoked: 410,
        granted.LinkSuspended: 410,
        granted.GrantUnknown: 404,
        granted.GrantDead: 409,
        granted.GrantUsedUp: 409,
        granted.LineDiffers: 409,
        granted.ContactBroken: 422,
        sessions.SessionOver: 410,
        sessions.DownloadDone: 410,
        sessions.TooManyConnections: 429,
        StorageAway: 503,
    },
)

__all__ = ["ROUTES", "Limits"]
