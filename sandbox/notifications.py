"""Tells the service about money: signed, encrypted, again until it answers 200 or 204, and never for ever."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.clock import Clock, beijing_time, utc_time
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.out import ElsewhereRefused, NoAnswer, Out
from sandbox.paysign import PaySigner
from sandbox.store import Store

KIND = "notification"
KEPT_MAX = 500
REORDER_WAIT_S = 10.0
SUMMARIES = {"TRANSACTION.SUCCESS": "支付成功", "REFUND.SUCCESS": "退款成功"}

log = logging.getLogger("sandbox.notifications")


@dataclass
class Notification:
    """One piece of news with all its tries. ``resource`` is the plain content."""

    id: str
    url: str
    event_type: str
    resource: dict[str, Any]
    created_at: float
    done: bool = False
    dropped: bool = False
    tries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "refund" if self.event_type.startswith("REFUND") else "transaction"


class Notifier:
    """Sends notifications; what is unfinished when the sandbox stops goes on at its next start."""

    def __init__(
        self, config: Config, store: Store, clock: Clock, *, out: Out, signer: PaySigner, faults: Faults
    ) -> None:
        self._config, self._store, self._clock = config, store, clock
        self._out, self._signer, self._faults = out, signer, faults
        earlier = sorted(
            (Notification(**body) for _, body in store.all(KIND)), key=lambda known: known.created_at
        )
        self._kept = {known.id: known for known in earlier}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent = asyncio.Event()

    def resume(self) -> None:
        """Go on with what an earlier run left; call once the loop runs."""
        for known in self._kept.values():
            if not known.done and not known.dropped and len(known.tries) < self._tries_max:
                self._in_background(self._repeat(known))

    def all(self) -> list[dict[str, Any]]:
        """The last ones with their tries, oldest first, for scripts and for the eye."""
        return [_shown(known) for known in self._kept.values()]

    async def send(self, url: str, event_type: str, resource: dict[str, Any]) -> bool:
        """Whether the service took it at the first try; further tries go on in the background."""
        known = self._new(url, event_type, resource)
        if self._faults.take("drop"):
            known.dropped = True
            self._keep(known)
            return False
        delay_s = self._faults.seconds("delay_s")
        if delay_s or self._faults.take("reorder"):
            self._in_background(self._late(known, delay_s))
            return False
        taken = await self._first(known)
        if not taken:
            self._in_background(self._repeat(known))
        return taken

    async def again(self, notification_id: str) -> bool | None:
        """Send a known one once more, as WeChat may; None when there is no such one."""
        known = self._kept.get(notification_id)
        return None if known is None else await self._try(known)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def _tries_max(self) -> int:
        return len(self._config.notify_schedule_s) + 1

    def _new(self, url: str, event_type: str, resource: dict[str, Any]) -> Notification:
        known = Notification(secrets.token_hex(16), url, event_type, resource, self._clock())
        self._kept[known.id] = known
        self._keep(known)
        while len(self._kept) > KEPT_MAX:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._store.delete(KIND, oldest)
        return known

    async def _late(self, known: Notification, delay_s: float) -> None:
        if delay_s:
            await asyncio.sleep(delay_s)
        else:
            await self._after_the_next()
        if not await self._first(known):
            await self._repeat(known)

    async def _after_the_next(self) -> None:
        self._sent.clear()
        try:
            await asyncio.wait_for(self._sent.wait(), REORDER_WAIT_S)
        except TimeoutError:
            log.info("no later notification came; the held one goes out")

    async def _first(self, known: Notification) -> bool:
        """The first try, with what a platform may do around it."""
        if self._faults.take("sign_test"):
            await self._post(known, self._sealed(known), probe=True)
        if self._faults.take("duplicate"):
            both = await asyncio.gather(self._try(known), self._try(known))
            taken = any(both)
        else:
            taken = await self._try(known)
        self._sent.set()
        return taken

    async def _repeat(self, known: Notification) -> None:
        while not known.done and len(known.tries) < self._tries_max:
            done_tries = max(len(known.tries), 1)
            await asyncio.sleep(self._config.notify_schedule_s[done_tries - 1])
            if await self._try(known):
                return

    async def _try(self, known: Notification) -> bool:
        status, problem = await self._post(known, self._sealed(known))
        known.tries.append({"at": utc_time(self._clock()), "status": status, "problem": problem})
        known.done = known.done or status in (200, 204)
        self._keep(known)
        if status not in (200, 204):
            log.warning(
                "notification %s, try %d: %s", known.event_type, len(known.tries), problem or f"HTTP {status}"
            )
        return status in (200, 204)

    async def _post(self, known: Notification, body: bytes, *, probe: bool = False) -> tuple[int, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Mozilla/4.0",
            **self._headers(body, probe),
        }
        try:
            answer = await self._out.fetch(
                "POST", known.url, body=body, headers=headers, timeout_s=self._config.reply_timeout_s
            )
        except (NoAnswer, ElsewhereRefused) as error:
            return 0, f"no answer: {error}"
        return answer.status, ""

    def _headers(self, body: bytes, probe: bool) -> dict[str, str]:
        if probe:
            return self._signer.headers(body, probe=True)
        stranger = self._faults.take("wrong_key")
        age_s = 600.0 if self._faults.take("stale_timestamp") else 0.0
        return self._signer.headers(body, age_s=age_s, stranger=stranger)

    def _sealed(self, known: Notification) -> bytes:
        resource = known.resource
        if known.kind == "transaction" and self._faults.take("lie_amount"):
            resource = {**resource, "amount": {**resource["amount"], "total": 1, "payer_total": 1}}
        document = {
            "id": known.id,
            "create_time": beijing_time(known.created_at),
            "resource_type": "encrypt-resource",
            "event_type": known.event_type,
            "summary": SUMMARIES[known.event_type],
            "resource": self._signer.closed(json.dumps(resource, ensure_ascii=False).encode(), known.kind),
        }
        return json.dumps(document, ensure_ascii=False).encode()

    def _keep(self, known: Notification) -> None:
        self._store.put(KIND, known.id, asdict(known))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shown(known: Notification) -> dict[str, Any]:
    return {
        "id": known.id,
        "event_type": known.event_type,
        "out_trade_no": known.resource.get("out_trade_no"),
        "created_at": utc_time(known.created_at),
        "done": known.done,
        "dropped": known.dropped,
        "tries": known.tries,
    }
