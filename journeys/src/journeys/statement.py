"""A bank statement (camt.053.001.08) with the credits that a test or the demo wants booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4
from xml.sax.saxutils import escape

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in; `amount` in minor units."""

    amount: int
    reference: str
    currency: str = "EUR"
    debtor: str = "Zahler GmbH"
    debtor_iban: str = "DE02120300000000202051"


def camt053(iban: str, booked: Sequence[Credit]) -> bytes:
    """Return the statement as the bank sends it."""
    now = datetime.now(UTC)
    entries = "".join(_entry(credit, now) for credit in booked)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>
<GrpHdr><MsgId>{uuid4().hex}</MsgId><CreDtTm>{now:%Y-%m-%dT%H:%M:%SZ}</CreDtTm></GrpHdr>
<Stmt><Id>{uuid4().hex}</Id><CreDtTm>{now:%Y-%m-%dT%H:%M:%SZ}</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def _entry(credit: Credit, now: datetime) -> str:
    amount = f'<Amt Ccy="{credit.currency}">{credit.amount // 100}.{credit.amount % 100:02d}</Amt>'
    amounted = f"<TxAmt>{amount}</TxAmt>"
    return f"""<Ntry><NtryRef>{uuid4().hex[:16]}</NtryRef>{amount}<CdtDbtInd>CRDT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{now:%Y-%m-%d}</Dt></BookgDt><ValDt><Dt>{now:%Y-%m-%d}</Dt></ValDt>
<AcctSvcrRef>{uuid4().hex[:16]}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><AmtDtls>{amounted}</AmtDtls>
<RltdPties><Dbtr><Pty><Nm>{escape(credit.debtor)}</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>{credit.debtor_iban}</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{escape(credit.reference)}</Ref>
</CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>"""
