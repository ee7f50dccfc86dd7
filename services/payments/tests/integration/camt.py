"""Bank statements for tests."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from contracts.orders import OrderPlaced

from .house import IBAN, House

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
PAYER, PAYER_IBAN = "Max Mustermann", "DE02120300000000202051"


def entry(
    amount: str,
    *,
    structured: str | None = None,
    text: str | None = None,
    currency: str = "EUR",
    indicator: str = "CRDT",
    status: str = "BOOK",
    mark: str | None = None,
    extra: str = "",
    day: str | None = None,
) -> str:
    strd = f"<Strd><CdtrRefInf><Ref>{structured}</Ref></CdtrRefInf></Strd>" if structured else ""
    ustrd = f"<Ustrd>{escape(text)}</Ustrd>" if text else ""
    return f"""<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>{extra}
<Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>{day or today()}</Dt></BookgDt><AcctSvcrRef>{mark or uuid4().hex}</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{PAYER}</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>{PAYER_IBAN}</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf>{ustrd}{strd}</RmtInf></TxDtls></NtryDtls></Ntry>"""


def statement(
    entries: Sequence[str],
    *,
    number: str | None = None,
    account: str = IBAN,
    namespace: str = NAMESPACE,
    currency: str = "EUR",
    prologue: str = "",
    head: str = "",
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{prologue}
<Document xmlns="{namespace}"><BkToCstmrStmt><GrpHdr><MsgId>m</MsgId></GrpHdr><Stmt>
<Id>{number or uuid4().hex}</Id>{head}<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


def today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 -- any day will do


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as of:
        for name, content in files.items():
            of.writestr(name, content)
    return written.getvalue()


async def imported(house: Any, content: bytes, **headers: str) -> tuple[int, Any]:
    sent = {**house.as_staff(), "Content-Type": "application/xml", **headers}
    async with house.harness.http.post("/statements", data=content, headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


async def requested(house: House, **how: Any) -> tuple[OrderPlaced, str]:
    order = await house.placed(method="transfer", **how)
    (event,) = await house.published("TransferRequested", order)
    return order, event.reference


def reasons(answer: Any) -> list[str]:
    return [one["reason"] for one in answer["review"]]
