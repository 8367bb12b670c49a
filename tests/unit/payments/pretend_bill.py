"""A trade bill as WeChat Pay writes it: a BOM, backticks, yuan, and a summary that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from payments.gateway import Merchant

BEIJING = timezone(timedelta(hours=8))
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


@dataclass(frozen=True)
class Movement:
    """Money that came, or that went back where there is an ``out_refund_no``."""

    at: datetime
    transaction_id: str
    out_trade_no: str
    fen: int
    out_refund_no: str = ""
    refund_state: str = "SUCCESS"
    mch_id: str = ""
    state: str = ""

    @property
    def day(self) -> date:
        return self.at.astimezone(BEIJING).date()

    @property
    def fee_fen(self) -> int:
        fee = (self.fen * 6 + 500) // 1000
        return -fee if self.out_refund_no else fee


def yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def bill_text(us: Merchant, moved: Sequence[Movement]) -> bytes:
    """Empty for a day without business."""
    if not moved:
        return b""
    came = yuan(sum(one.fen for one in moved if not one.out_refund_no))
    back = yuan(sum(one.fen for one in moved if one.out_refund_no))
    fees = yuan(sum(one.fee_fen for one in moved)) + "000"
    total = quoted(str(len(moved)), came, back, "0.00", fees, came, back)
    lines = [HEAD, *(line(us, one) for one in moved), SUMMARY, total]
    return "".join(f"{text}\r\n" for text in lines).encode("utf-8-sig")


def line(us: Merchant, one: Movement) -> str:
    back = bool(one.out_refund_no)
    came, gone = ("0.00", yuan(one.fen)) if back else (yuan(one.fen), "0.00")
    moment = one.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    head = (
        moment,
        us.app_id,
        one.mch_id or us.mch_id,
        "0",
        "",
        one.transaction_id,
        one.out_trade_no,
        "oPayer",
    )
    money = ("JSAPI", one.state or ("REFUND" if back else "SUCCESS"), "OTHERS", "CNY", came, "0.00")
    number = f"50-{one.out_refund_no}" if back else "0"
    refund = (number, one.out_refund_no or "0", gone, "0.00", "ORIGINAL" if back else "", one.refund_state)
    if not back:
        refund = (*refund[:-1], "")
    tail = ("Python, 爬虫", "", yuan(one.fee_fen) + "000", "0.60%", came, gone, "")
    return quoted(*head, *money, *refund, *tail)


def quoted(*fields: str) -> str:
    return ",".join(f"`{field}" for field in fields)
