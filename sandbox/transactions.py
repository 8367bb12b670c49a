"""Orders of WeChat Pay: placed, paid, closed; one ``out_trade_no`` keeps its parameters for ever."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.clock import Clock, beijing_time
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.payrefusal import PayRefused, bad_parameter, bad_request
from sandbox.scene import check_scene
from sandbox.store import Store

KIND = "transaction"
PREPAY_LIFE_S = 7200.0
H5_LIFE_S = 300.0
CODE_PREFIX = "weixin://wxpay/bizpayurl?pr="
DESCRIPTION_MAX = 127
ATTACH_MAX = 128
WEEK_S = 7 * 86_400.0
TOTAL_MAX = 1_000_000_000
WORDS = {"NOTPAY": "订单未支付", "SUCCESS": "支付成功", "CLOSED": "订单已关闭", "REFUND": "订单发生过退款"}
_OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*@]{6,32}")


class SheetRefused(Exception):
    """The follower's WeChat does not let this be paid; the text is what it shows."""


@dataclass
class Transaction:
    """One order as WeChat Pay keeps it. Amounts in fen, times in seconds since 1970."""

    out_trade_no: str
    trade_type: str
    description: str
    attach: str
    notify_url: str
    total: int
    openid: str
    time_expire: str
    placed_at: float
    prepay_id: str = ""
    prepay_at: float = 0.0
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: float = 0.0
    payer: str = ""
    """Who paid; for JSAPI nobody but ``openid``, which is empty for the other ways."""
    asked_at: float = 0.0

    @property
    def code(self) -> str:
        """What a NATIVE order's QR code says."""
        return f"{CODE_PREFIX}{self.prepay_id[-10:]}"

    def parameters(self) -> tuple[object, ...]:
        """What must stay the same when the number is used again."""
        paper = (self.description, self.attach, self.notify_url, self.time_expire)
        return (self.trade_type, self.total, self.openid, *paper)

    @property
    def expires_at(self) -> float:
        if not self.time_expire:
            return self.placed_at + WEEK_S
        return datetime.fromisoformat(self.time_expire).timestamp()


class Transactions:
    """All transactions by ``out_trade_no``, kept in the store."""

    def __init__(
        self, config: Config, store: Store, clock: Clock, *, faults: Faults, knows: Callable[[str], bool]
    ) -> None:
        self._config, self._store, self._clock, self._faults, self._knows = (
            config,
            store,
            clock,
            faults,
            knows,
        )
        self._by_number = {key: Transaction(**body) for key, body in store.all(KIND)}
        self._by_prepay = {known.prepay_id: known for known in self._by_number.values()}
        self._by_id = {
            known.transaction_id: known for known in self._by_number.values() if known.transaction_id
        }

    def place(self, body: dict[str, Any], trade_type: str) -> Transaction:
        """Place an order, or the same one again. Raises PayRefused."""
        wanted = self._read(body, trade_type)
        known = self._by_number.get(wanted.out_trade_no)
        if known is None:
            self._by_number[wanted.out_trade_no] = wanted
            known = wanted
        _check_same(known, wanted)
        if self._clock() - known.prepay_at >= PREPAY_LIFE_S:
            self._renew(known)
        known.asked_at = self._clock()
        return known

    def by_code(self, code: str) -> Transaction:
        """The order behind a QR code. Raises SheetRefused."""
        found = (known for known in self._by_number.values() if known.trade_type == "NATIVE")
        known = next((known for known in found if known.code == code), None)
        if known is None:
            raise SheetRefused("二维码已失效，请重新生成")
        return known

    def by_h5(self, prepay_id: str) -> Transaction:
        """The order behind an h5_url, which lives five minutes. Raises SheetRefused."""
        known = self._by_prepay.get(prepay_id)
        if known is None or known.trade_type != "MWEB":
            raise SheetRefused("商家参数格式有误，请联系商家解决")
        if self._clock() - known.asked_at >= H5_LIFE_S:
            raise SheetRefused("支付请求已失效，请重新发起支付")
        return known

    def all(self) -> list[Transaction]:
        return list(self._by_number.values())

    def find(self, out_trade_no: str) -> Transaction:
        return _found(self._by_number.get(out_trade_no))

    def find_by_id(self, transaction_id: str) -> Transaction:
        return _found(self._by_id.get(transaction_id))

    def close(self, out_trade_no: str) -> None:
        """Raises PayRefused when it is paid; closing twice is fine."""
        known = self.find(out_trade_no)
        if known.state in ("SUCCESS", "REFUND"):
            raise PayRefused(400, "ORDERPAID", "该订单已支付")
        known.state = "CLOSED"
        self._keep(known)

    def payable(self, prepay_id: str, openid: str) -> Transaction:
        """The order behind a pay sheet. Raises SheetRefused with what the follower reads."""
        known = self._by_prepay.get(prepay_id)
        if known is None:
            raise SheetRefused("支付验证签名失败：prepay_id 不存在")
        if known.trade_type == "JSAPI" and known.openid != openid:
            raise SheetRefused("支付者与下单者不是同一人")
        if known.state in ("SUCCESS", "REFUND"):
            raise SheetRefused("该订单已支付")
        if known.state == "CLOSED":
            raise SheetRefused("该订单已关闭，请重新下单")
        if self._is_late(known) and not self._faults.take("ignore_expiry"):
            raise SheetRefused("该订单已过期，请重新下单")
        return known

    def pay(self, prepay_id: str, openid: str) -> Transaction:
        """The follower's money moves. Raises SheetRefused."""
        known = self.payable(prepay_id, openid)
        if self._faults.take("refuse"):
            raise SheetRefused("银行拒绝了本次支付，请更换支付方式")
        known.state, known.paid_at, known.payer = "SUCCESS", self._clock(), openid
        known.transaction_id = "4200" + "".join(str(secrets.randbelow(10)) for _ in range(24))
        self._by_id[known.transaction_id] = known
        self._keep(known)
        return known

    def refunded(self, known: Transaction) -> None:
        known.state = "REFUND"
        self._keep(known)

    def shown(self, known: Transaction) -> dict[str, Any]:
        """The order as a query answers it and a notification carries it."""
        shown: dict[str, Any] = {
            "mchid": self._config.mch_id,
            "appid": self._config.app_id,
            "out_trade_no": known.out_trade_no,
            "trade_state": known.state,
            "trade_state_desc": WORDS[known.state],
            "amount": {"total": known.total, "currency": "CNY"},
            "promotion_detail": [],
        }
        return {**shown, **_payment(known)} if known.transaction_id else shown

    def _is_late(self, known: Transaction) -> bool:
        now = self._clock()
        return now >= known.expires_at or now - known.prepay_at >= PREPAY_LIFE_S

    def _renew(self, known: Transaction) -> None:
        self._by_prepay.pop(known.prepay_id, None)
        known.prepay_id = (
            "wx" + "".join(str(secrets.randbelow(10)) for _ in range(14)) + secrets.token_hex(10)
        )
        known.prepay_at = self._clock()
        self._by_prepay[known.prepay_id] = known
        self._keep(known)

    def _keep(self, known: Transaction) -> None:
        self._store.put(KIND, known.out_trade_no, asdict(known))

    def _read(self, body: dict[str, Any], trade_type: str) -> Transaction:
        if body.get("mchid") != self._config.mch_id:
            raise bad_parameter("商户号 mchid 与请求签名的商户号不一致")
        if body.get("appid") != self._config.app_id:
            raise PayRefused(400, "APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配，请检查后再试")
        check_scene(body.get("scene_info"), needed=trade_type == "MWEB")
        return Transaction(
            out_trade_no=out_trade_no(body.get("out_trade_no")),
            trade_type=trade_type,
            description=_sized(body.get("description"), "description", DESCRIPTION_MAX, least=1),
            attach=_sized(body.get("attach") or "", "attach", ATTACH_MAX),
            notify_url=notify_url(body.get("notify_url"), self._config.service_url),
            total=_total(body.get("amount")),
            openid=self._payer(body.get("payer")) if trade_type == "JSAPI" else "",
            time_expire=self._expiry(body.get("time_expire")),
            placed_at=self._clock(),
        )

    def _payer(self, payer: object) -> str:
        openid = payer.get("openid") if isinstance(payer, dict) else None
        if not isinstance(openid, str) or not openid:
            raise bad_parameter("JSAPI支付必须传openid")
        if not self._knows(openid):
            raise bad_parameter("无效的openid")
        return openid

    def _expiry(self, value: object) -> str:
        if value in (None, ""):
            return ""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise bad_parameter("time_expire 不符合 RFC3339 格式") from error
        if moment.tzinfo is None or "T" not in str(value):
            raise bad_parameter("time_expire 不符合 RFC3339 格式")
        if moment.timestamp() <= self._clock():
            raise bad_parameter("time_expire 早于当前时间")
        return str(value)


def out_trade_no(value: object) -> str:
    if not isinstance(value, str) or not _OUT_TRADE_NO.fullmatch(value):
        raise bad_parameter("商户订单号 out_trade_no 必须为 6-32 个字符，只能是数字、大小写字母_-|*@")
    return value


def notify_url(value: object, service_url: str) -> str:
    """A notification's address: without a query, and with the service, for the sandbox calls nobody else."""
    parts = urlsplit(value) if isinstance(value, str) and len(value) <= 255 else None
    if parts is None or parts.scheme not in ("http", "https") or parts.query or not parts.netloc:
        raise bad_parameter("notify_url 必须是完整的地址，不能携带参数")
    if parts.netloc != urlsplit(service_url).netloc:
        raise bad_parameter(f"notify_url 必须在 {service_url} 之下（沙盒只通知本服务）")
    return str(value)


def is_whole(value: object) -> bool:
    """An integer and not true or false, which Python counts as integers."""
    return isinstance(value, int) and not isinstance(value, bool)


def _sized(value: object, name: str, most: int, *, least: int = 0) -> str:
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise bad_parameter(f"{name} 长度必须在 {least} 到 {most} 个字符之间")
    return value


def _total(amount: object) -> int:
    if not isinstance(amount, dict) or not is_whole(amount.get("total")):
        raise bad_parameter("订单金额 amount.total 必须是整数，单位为分")
    total: int = amount["total"]
    if not 1 <= total <= TOTAL_MAX:
        raise bad_parameter("订单金额 amount.total 最小为 1 分")
    if amount.get("currency", "CNY") != "CNY":
        raise bad_parameter("amount.currency 只支持 CNY")
    return total


def _check_same(known: Transaction, wanted: Transaction) -> None:
    if known.parameters() != wanted.parameters():
        raise bad_request("201 商户订单号重复")
    if known.state in ("SUCCESS", "REFUND"):
        raise PayRefused(400, "ORDERPAID", "该订单已支付")
    if known.state == "CLOSED":
        raise PayRefused(400, "ORDER_CLOSED", "该订单已关闭")


def _found(known: Transaction | None) -> Transaction:
    if known is None:
        raise PayRefused(404, "ORDER_NOT_EXIST", "订单不存在")
    return known


def _payment(known: Transaction) -> dict[str, Any]:
    return {
        "transaction_id": known.transaction_id,
        "trade_type": known.trade_type,
        "bank_type": "OTHERS",
        "attach": known.attach,
        "success_time": beijing_time(known.paid_at),
        "payer": {"openid": known.payer or known.openid},
        "amount": {
            "total": known.total,
            "payer_total": known.total,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }
