"""How WeChat and this service reach each other; for `doctor`.

https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Network_Detection.html
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls.caller import Call, Caller, field_of

CALLBACK_IP = Call("getcallbackip", repeatable=True, always=True)
API_IP = Call("get_api_domain_ip", repeatable=True, always=True)
CHECK = Call("callback/check", repeatable=True, always=True)


@dataclass(frozen=True, slots=True)
class Reached:
    """One of the addresses that WeChat found for the callback's host, and whether it answers a ping."""

    ip: str
    lost: bool


class Network:
    """Each call needs a valid token and the white list."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def callback_addresses(self) -> list[str]:
        """The addresses that WeChat calls from."""
        return self._caller.field(CALLBACK_IP, lambda client: client.get("getcallbackip"), "ip_list", list)

    def api_addresses(self) -> list[str]:
        """The addresses of WeChat's API."""
        return self._caller.field(API_IP, lambda client: client.get("get_api_domain_ip"), "ip_list", list)

    def check_callback(self) -> list[Reached]:
        """WeChat looks up the host of the address that stands on its page, and pings it."""
        body = {"action": "all", "check_operator": "DEFAULT"}
        answer = self._caller.call(CHECK, lambda client: client.post("callback/check", data=body))
        lost = {str(ping.get("ip")): ping.get("package_loss") == "100%" for ping in answer.get("ping") or ()}
        found = [str(one.get("ip")) for one in field_of(CHECK, answer, "dns", list)]
        return [Reached(ip, lost.get(ip, False)) for ip in found]
