"""What the mail relay needs outside, as the doctor looks at it."""

from collections.abc import Sequence

from chassis.doctor import Diagnosis, concern, well, wrong
from mailing.resolver import Resolver, Unanswered
from mailing.server import End
from mailing.signing import public_record

from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.outgoing import Outgoing
from mail_relay.clients.senders import Senders

RECORDS = "Put into DNS what  kontor-mail-relay dns --host ...  prints."


async def examine(outgoing: Outgoing, contents: Contents, senders: Senders) -> Sequence[Diagnosis]:
    """Look at the next server, the store of messages, and what DNS says of the domains of the aliases."""
    diagnoses = [await _server(outgoing), await _store(contents)]
    for domain in sorted(outgoing.domains.names):
        try:
            diagnoses += await _names(domain, outgoing, senders.resolver)
        except Unanswered as error:
            step = "Look at DNS_SERVERS and DNS_PORT, and whether the network lets us."
            diagnoses.append(wrong("DNS", f"Nobody answers about {domain} ({error}).", step))
    return diagnoses


async def _server(outgoing: Outgoing) -> Diagnosis:
    server = outgoing.server
    answer, where = await server.greet(), f"{server.host}:{server.port}"
    if answer.end is End.ACCEPTED:
        return well("mail server", f"{where} takes messages")
    step = "Look at SMTP_HOST, SMTP_PORT, SMTP_TLS and SMTP_USER, and whether the network lets us."
    return wrong("mail server", f"{where} does not take us: {answer.code} {answer.text}.", step)


async def _store(contents: Contents) -> Diagnosis:
    try:
        await contents.answer()
    except ContentsAway:
        step = "Look at STORAGE_URL, the AWS_... variables, and whether the directory or bucket is there and ours."
        return wrong("store", "The store of messages does not answer.", step)
    return well("store", "the store of messages answers")


async def _names(domain: str, outgoing: Outgoing, resolver: Resolver) -> list[Diagnosis]:
    diagnoses: list[Diagnosis] = []
    if not await resolver.records(domain, "MX"):
        diagnoses.append(wrong("DNS", f"{domain} has no MX: no answer reaches its aliases.", RECORDS))
    texts = await resolver.records(domain, "TXT")
    if not any(text.lower().startswith(b"v=spf1") for text in texts):
        diagnoses.append(wrong("DNS", f"{domain} says nothing about who sends for it (SPF).", RECORDS))
    signers = outgoing.signers.get(domain, ())
    for signer in signers:
        name = f"{signer.selector}._domainkey.{domain}"
        if public_record(signer.key).encode() not in await resolver.records(name, "TXT"):
            text = f"What is signed for {domain} cannot be verified: {name} lacks the key (DKIM)."
            diagnoses.append(wrong("DNS", text, RECORDS))
    if not signers:
        step = "Make a key with  kontor-mail-relay keys new  unless the next server signs."
        diagnoses.append(concern("DNS", f"Nothing is signed for {domain} here (DKIM).", step))
    if not any(text.startswith(b"v=DMARC1") for text in await resolver.records(f"_dmarc.{domain}", "TXT")):
        diagnoses.append(wrong("DNS", f"{domain} has no policy for what is forged (DMARC).", RECORDS))
    return diagnoses or [well("DNS", f"{domain} has MX, SPF, DKIM and DMARC")]
