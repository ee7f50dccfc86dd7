"""The pages that show the mails."""

from html import escape

from .mailbox import Mail
from .mime import Body

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: Canvas; color: CanvasText }
table { width: 100%; border-collapse: collapse }
td, th { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid GrayText; vertical-align: top }
td, dd, pre { overflow-wrap: anywhere }
pre { white-space: pre-wrap }
iframe { width: 100%; height: 40rem; border: 1px solid GrayText; background: #fff }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dd { margin: 0 }
"""


def _document(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{content}</body></html>"
    )


def overview(mails: list[Mail], total: int, to: str) -> str:
    """Render the list, newest first."""
    rows = "".join(map(_row, mails))
    return _document(
        "Mails",
        f'<h1>Mails</h1><form><label>To <input name="to" value="{escape(to)}"></label> <button>Show</button></form>'
        f"<p>{len(mails)} of {total}</p><table><thead><tr><th>Received (UTC)</th><th>To</th><th>From</th>"
        f"<th>Subject</th></tr></thead><tbody>{rows}</tbody></table>",
    )


def _row(mail: Mail) -> str:
    cells = [
        f"<time>{mail.received_at:%Y-%m-%d %H:%M:%S}</time>",
        escape(", ".join(mail.to)),
        escape(mail.head.sender),
        f'<a href="/mails/{mail.id}">{escape(mail.head.subject or "(no subject)")}</a>',
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def one(mail: Mail, body: Body) -> str:
    """Render a mail; its HTML is shown in a frame without any rights."""
    fields = {
        "Subject": mail.head.subject,
        "From": mail.head.sender,
        "To": mail.head.to,
        "Envelope": f"{mail.envelope_from or '<>'} → {', '.join(mail.to)}",
        "Received": f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC",
        "Message-ID": mail.head.message_id,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in fields.items())
    links = "".join(
        f'<li><a href="{escape(link)}" rel="noreferrer noopener" target="_blank">{escape(link)}</a></li>'
        for link in body.links
    )
    attached = "".join(
        f"<li>{escape(str(item['name']))} ({escape(str(item['type']))}, {item['size']} bytes)</li>"
        for item in body.attachments
    )
    parts = [
        f'<p><a href="/">← All mails</a> · <a href="/mails/{mail.id}.eml">Raw (.eml)</a></p>',
        f"<h1>{escape(mail.head.subject or '(no subject)')}</h1><dl>{listed}</dl>",
        f'<h2>HTML</h2><iframe sandbox title="Mail" src="/mails/{mail.id}/html"></iframe>' if body.html else "",
        f"<h2>Text</h2><pre>{escape(body.text)}</pre>" if body.text else "",
        f"<h2>Links</h2><ul>{links}</ul>" if links else "",
        f"<h2>Attachments</h2><ul>{attached}</ul>" if attached else "",
    ]
    return _document(mail.head.subject or "Mail", "".join(parts))
