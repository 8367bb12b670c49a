"""From the settings to the gateway, and to the keys that may be replaced while it is used."""

from __future__ import annotations

from pathlib import Path

from infra.clock import Clock
from infra.settings import Settings, pay_again, require_pay_keys
from payments.closed_gateway import ClosedGateway
from payments.gateway import Gateway
from payments.key_watch import KeyWatch
from payments.wechatpay import WeChatPayGateway
from payments.wechatpay_keys import WeChatPayKeys


def open_gateway(settings: Settings, clock: Clock) -> Gateway:
    """WeChat Pay, or a closed gateway. Raises ConfigError for keys that are missing or cannot be read."""
    if not settings.pay.configured:
        return ClosedGateway()
    return WeChatPayGateway(wechat_pay_keys(settings), clock, api_base=settings.pay.api_base)


def wechat_pay_keys(settings: Settings) -> WeChatPayKeys:
    """[pay] with what its files hold. Raises ConfigError."""
    require_pay_keys(settings)
    pay = settings.pay

    def text(path: str) -> str:
        return Path(path).read_text() if path else ""

    return WeChatPayKeys(
        app_id=settings.wechat.app_id,
        mch_id=pay.mch_id,
        serial_no=pay.serial_no,
        private_key=text(pay.private_key),
        api_v3_key=pay.api_v3_key.get_secret_value(),
        public_key_id=pay.public_key_id,
        public_key=text(pay.public_key),
        platform_certificates=tuple(map(text, pay.platform_certificates)),
        next_serial_no=pay.next_serial_no,
        next_private_key=text(pay.next_private_key),
        next_api_v3_key=pay.next_api_v3_key.get_secret_value(),
    )


def watch_keys(settings: Settings, gateway: Gateway) -> KeyWatch | None:
    """Takes up keys that are replaced, and a [pay] that is edited, without a restart."""
    if not isinstance(gateway, WeChatPayGateway):
        return None
    latest = [settings]

    def renew() -> None:
        latest[0] = pay_again(latest[0])
        gateway.use(wechat_pay_keys(latest[0]))

    def files() -> list[Path]:
        named = map(Path, latest[0].pay.key_files.values())
        return [*named, *filter(None, [latest[0].file])]

    watch = KeyWatch(renew, files)
    watch.start()
    return watch
