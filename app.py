"""The composition root: settings → rooms → the Tornado application and the worker's jobs.

Nothing is made at import; `open_rooms` makes everything once, in the order in which one thing needs another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from huey import crontab
from tornado.web import Application

from bot import conversation, menu, recall
from bot.account import Account
from bot.api import WeChatApi
from bot.edge import Answerer
from bot.front import Front
from bot.late import WAITING, WORKERS, Send
from bot.line import Line
from bot.notes import Notes
from bot.oauth import OAuth
from bot.quota import Quota
from bot.robot import KebanRobot
from bot.token import StableToken
from bot.webhook import Webhook
from content.publish import Publisher
from content.shelf import Shelf
from handlers import chat, push
from handlers.asked_questions import AskedQuestions
from handlers.library import Library
from handlers.make_librarian import librarian_maker
from handlers.sentences import Sentences
from handlers.shop import Shop
from handlers.web import routes
from handlers.web.base import NoSuchPage
from handlers.web.compressed import Compressed
from handlers.web.metrics import Look
from handlers.web.room import Pools, WebRoom
from handlers.web.static_files import StaticFiles
from handlers.web.visitor import Proxies
from infra import metrics
from infra.clock import Clock, SystemClock
from infra.database import Database
from infra.errors import ConfigError
from infra.http import Door
from infra.keyvalue import KeyValues, KeyValueStore
from infra.keyvalue_behind import WriteBehind
from infra.keyvalue_sqlite import SqliteStore
from infra.newest import Newest
from infra.outbox import Outbox
from infra.pool import BoundedPool, aside
from infra.queue import leaving, nudger, open_queue, standing, traced
from infra.settings import MenuButton, Settings, cookie_secret
from infra.stores import open_database, open_store
from learners.members import Members
from learners.progress import Progress
from nlp import is_known_concept
from payments import alerts
from payments.gateway import Gateway
from payments.key_watch import KeyWatch
from payments.opening import open_gateway, watch_keys
from payments.reconcile import reconcile_due
from payments.till import Till
from payments.verification import flush
from payments.watch import watch

WEB = Path(__file__).resolve().parent / "handlers" / "web"
MAX_BODY_BYTES = 64 * 1024
# After each sweep: what waits for followers goes soon after they wrote, or tapped, which opens a minute only.
LOOKS_S = (10, 20, 30, 40, 50)


@dataclass(frozen=True)
class Rooms:
    """Everything that was put together; closed by `close`."""

    settings: Settings
    clock: Clock
    db: Database
    store: KeyValueStore
    talk: WriteBehind | None
    queue: Any
    api: WeChatApi
    gateway: Gateway
    oauth: OAuth
    publisher: Publisher
    shop: Shop
    answerer: Answerer
    outbox: Outbox
    pools: Pools
    nudge: Callable[[], None]
    keys: KeyWatch | None

    def close(self) -> None:
        if self.keys is not None:
            self.keys.close()
        self.answerer.close(wait=False)
        self.pools.close()
        self.shop.members.events.close()
        if self.talk is not None:
            self.talk.close()
        self.store.close()
        self.db.close()


def open_rooms(settings: Settings, clock: Clock | None = None, *, alone: bool = False) -> Rooms:
    """Opens the stores and puts the rooms together. Raises ConfigError for settings that cannot work.

    ``alone``: no other process serves with the same stores (`commands.serving` sees to it).
    """
    clock = clock or SystemClock()
    db, store = open_database(settings), open_store(settings)
    talk = _open_talk(store) if alone and isinstance(store, SqliteStore) else None
    queue = open_queue(settings)
    gateway = open_gateway(settings, clock)
    shop = _open_shop(settings, db, store, clock, gateway)
    api = open_api(settings, store, clock, windows=talk)
    outbox = Outbox(db, clock)
    pools = _open_pools()
    nudge = _register_jobs(queue, settings, shop, api, outbox)
    # Pages and chat do not wait for the queue; a command, whose process ends then, does.
    shop = replace(shop, nudge=aside(pools.nudges, nudge))
    return Rooms(
        settings=settings,
        clock=clock,
        db=db,
        store=store,
        queue=queue,
        api=api,
        gateway=gateway,
        oauth=_open_oauth(settings),
        publisher=Publisher(db, clock, is_known=is_known_concept, zone=settings.zone),
        shop=shop,
        talk=talk,
        answerer=Answerer(_open_door(settings, shop, (store, talk), clock=clock, late=api.send_text)),
        outbox=outbox,
        pools=pools,
        nudge=nudge,
        keys=watch_keys(settings, gateway),
    )


def make_front(rooms: Rooms) -> Front:
    """The service's whole HTTP surface: WeChat's door before the pages."""
    room = WebRoom(
        shop=rooms.shop,
        oauth=rooms.oauth,
        pools=rooms.pools,
        store=rooms.store,
        ways=rooms.settings.pay.ways,
        proxies=Proxies(rooms.settings.site.proxies),
        sign_page=rooms.api.jssdk.config,
        data_dir=rooms.settings.site.data_dir,
        asked=AskedQuestions(rooms.shop.members.events, rooms.shop.library, rooms.clock),
    )
    checks = {"database": rooms.db.ping, "store": rooms.store.ping}
    pages = Application(
        routes.routes(room, checks, _looks(rooms)),
        default_handler_class=NoSuchPage,
        default_handler_args={"room": room},
        template_path=str(WEB / "templates"),
        static_path=str(WEB / "static"),
        static_handler_class=StaticFiles,
        static_handler_args={"room": room},
        cookie_secret=cookie_secret(rooms.settings),
        log_function=lambda _handler: None,
        transforms=[Compressed],
    )
    return Front(rooms.answerer, pages)


def _looks(rooms: Rooms) -> list[Look]:
    """What the figures tell of the stores, one look a store: one that hangs holds up one thread."""

    def books() -> tuple[float, ...]:
        outbox = rooms.outbox.standing()
        return len(rooms.shop.till.needing_care()), outbox.waiting, outbox.overdue_s

    def jobs() -> tuple[float, ...]:
        waiting = standing(rooms.queue)
        return waiting.jobs, waiting.oldest_s

    def matters() -> tuple[float, ...]:
        with rooms.db.reading() as conn:
            found = alerts.counts(conn)
        return tuple(found[kind] for kind in alerts.KINDS)

    return [
        Look("alerts", [metrics.ALERTS.labels(kind=kind) for kind in alerts.KINDS], matters),
        Look("books", (metrics.NEEDING_CARE, metrics.OUTBOX_WAITING, metrics.OUTBOX_AGE), books),
        Look("queue", (metrics.QUEUE_WAITING, metrics.QUEUE_AGE), jobs),
    ]


def _open_talk(store: SqliteStore) -> WriteBehind:
    """What followers say, for a process that serves alone."""
    newest = Newest(recall.PREFIX, store.greatest(recall.PREFIX))
    return WriteBehind(store, newest=newest, private=conversation.PREFIX)


def _open_pools() -> Pools:
    return Pools(
        pages=BoundedPool("pages", workers=8, waiting=64),
        # Fewer than the connections of a door (infra.http): the worker's refunds find one free.
        gateway=BoundedPool("gateway", workers=12, waiting=12),
        login=BoundedPool("login", workers=4, waiting=32),
        notifications=BoundedPool("notifications", workers=8, waiting=64),
        # Each question is in hand once, so each finds a thread, whichever of the stores hangs.
        checks=BoundedPool("checks", workers=4, waiting=2),
        # One under way and one behind it wake the worker for whatever is there; more would add nothing.
        nudges=BoundedPool("nudges", workers=1, waiting=1),
    )


def _open_shop(
    settings: Settings, db: Database, store: KeyValueStore, clock: Clock, gateway: Gateway
) -> Shop:
    shelf = Shelf(db, clock)
    return Shop(
        shelf=shelf,
        library=Library(shelf, librarian_maker(settings.nlp.vectors, settings.site.data_dir / "nlp")),
        till=Till(
            db,
            gateway,
            clock,
            notify_url=f"{settings.site.base_url}/pay/notify",
            refund_notify_url=f"{settings.site.base_url}/pay/refund-notify",
        ),
        members=Members(db, clock),
        progress=Progress(db, clock),
        say=Sentences(),
        clock=clock,
        base_url=settings.site.base_url,
        zone=settings.zone,
        selling=settings.pay.configured,
        count=lambda key, ttl_s: store.increment(key, ttl_s=ttl_s),
        customer_service=settings.wechat.customer_service,
    )


def open_api(
    settings: Settings, store: KeyValueStore, clock: Clock, *, windows: KeyValues | None = None
) -> WeChatApi:
    """WeChat's API with the token and the quota that all processes share; ``windows`` as in `Quota`."""
    wechat, door = settings.wechat, Door("wechat")
    secret = wechat.app_secret.get_secret_value()
    tokens = StableToken(store, clock, door, app_id=wechat.app_id, secret=secret, api_base=wechat.api_base)
    quota = Quota(store, clock, windows=windows)
    return WeChatApi(tokens, door, app_id=wechat.app_id, api_base=wechat.api_base, quota=quota)


def _open_oauth(settings: Settings) -> OAuth:
    wechat = settings.wechat
    return OAuth(
        Door("wechat"),
        app_id=wechat.app_id,
        secret=wechat.app_secret.get_secret_value(),
        api_base=wechat.api_base,
        open_base=wechat.open_base,
    )


def _open_door(
    settings: Settings,
    shop: Shop,
    stores: tuple[KeyValueStore, WriteBehind | None],
    *,
    clock: Clock,
    late: Send,
) -> Webhook:
    robot = KebanRobot(shop.say)
    chat.register(robot, shop)
    spare = KebanRobot(shop.say)
    chat.register_in_need(spare, shop)
    account = Account(
        app_id=settings.wechat.app_id,
        token=settings.wechat.token.get_secret_value(),
        encoding_aes_key=settings.wechat.encoding_aes_key.get_secret_value(),
        mode=settings.wechat.mode,
    )
    store, talk = stores
    return Webhook(
        account,
        robot,
        talk or store,
        clock,
        late=late,
        late_pool=BoundedPool("late", workers=WORKERS, waiting=WAITING),
        line=None if talk else Line(store, now_s=clock.now_s),
        spare=spare,
        notes=Notes(),
    )


def _register_jobs(
    queue: Any, settings: Settings, shop: Shop, api: WeChatApi, outbox: Outbox
) -> Callable[[], None]:
    """What the worker does: at once when nudged, and every minute in case a nudge was lost.

    Returns the nudge.
    """
    desk, operators = shop.till.desk, settings.wechat.operators
    parcels, ready = push.handlers(shop, api.send_text), push.ready(api.reachable)

    def deliver() -> None:
        outbox.release(ready)
        outbox.deliver(parcels)

    task = queue.task(name="deliver")(traced(deliver))
    looks = [nudger(partial(task.schedule, delay=after_s)) for after_s in LOOKS_S]

    def sweep() -> None:
        for look in looks:
            look()
        shop.till.sweep()
        deliver()
        # After the receipts: what an operator is told goes with the next look.
        flush(desk)
        watch(desk, operators)

    def read_bills() -> None:
        reconcile_due(desk)
        deliver()

    queue.periodic_task(crontab(minute="*/10"), name="reconcile")(read_bills)
    queue.periodic_task(crontab(minute="*"), name="sweep")(sweep)
    return nudger(leaving(task))


def menu_of(settings: Settings) -> dict[str, Any]:
    """The menu for everybody in WeChat's form. Raises ConfigError, also for a key nobody answers."""
    return _menu("menu", settings.menu, settings)


def tag_menus_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """By tag the menus of those who have one. Raises ConfigError as `menu_of`, and for a tag named twice."""
    tags = [entry.tag for entry in settings.menu_for]
    twice = next((tag for tag in tags if tags.count(tag) > 1), None)
    if twice is not None:
        raise ConfigError(f"menu_for: the tag {twice} is named twice", hint="a tag has one menu")
    return {entry.tag: _menu(f"menu_for {entry.tag}", entry.buttons, settings) for entry in settings.menu_for}


def require_menus(settings: Settings) -> None:
    """Raises ConfigError for a menu that WeChat would refuse, or with a key that nobody answers."""
    menu_of(settings)
    tag_menus_of(settings)


def _menu(name: str, buttons: Sequence[MenuButton], settings: Settings) -> dict[str, Any]:
    entries = [button.model_dump(exclude_defaults=True) for button in buttons]
    unknown = sorted(menu.keys(entries) - set(chat.menu.KEYS))
    if unknown:
        raise ConfigError(
            f"{name}: no answer for the key {unknown[0]}", hint=f"known: {', '.join(chat.menu.KEYS)}"
        )
    return menu.to_wechat(entries, settings.site.base_url)
