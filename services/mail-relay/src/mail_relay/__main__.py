"""Assembles mail-relay:  python -m mail_relay [serve|migrate|parked|dead]."""

from datetime import timedelta

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from mail_relay import jobs, messaging, web
from mail_relay.clients.composing import Composer
from mail_relay.clients.mailing import Mailer
from mail_relay.clients.post import Post
from mail_relay.settings import Settings


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of mail-relay."""
    post = Post(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password,
        settings.mail_domain,
        settings.smtp_timeout_seconds,
    )
    composer = Composer(settings.mail_from, settings.delivery_url, settings.time_zone)
    mailer = Mailer(keys.ring("send e-mails"), composer, post, settings.mail_from)
    return Doors(
        routes=web.routes(keys),
        reactions=messaging.reactions(settings.mail_domain, keys.forget),
        jobs=jobs.jobs(
            mailer.send,
            domain=settings.mail_domain,
            longest=timedelta(seconds=settings.smtp_timeout_seconds),
            concurrency=settings.smtp_connections,
        ),
        resources=[post],
    )


service = Service("mail-relay", Settings, doors=doors)

if __name__ == "__main__":
    service.run()
