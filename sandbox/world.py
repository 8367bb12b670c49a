"""All the parts of the pretend platform, put together once."""

from __future__ import annotations

from sandbox.bills import Bills
from sandbox.browser import Browsers
from sandbox.cashier import Cashier
from sandbox.chats import Chats
from sandbox.clock import Clock, system_clock
from sandbox.codes import Codes
from sandbox.config import Config
from sandbox.delivery import Courier
from sandbox.faults import Faults
from sandbox.followers import Followers
from sandbox.media import Media
from sandbox.menu import Menu
from sandbox.notices import Notices
from sandbox.notifications import Notifier
from sandbox.oauth import OAuth
from sandbox.out import Out
from sandbox.payer import Payer
from sandbox.paysign import PaySigner
from sandbox.pushes import Pushes
from sandbox.qrcodes import QrCodes
from sandbox.refunds import Refunds
from sandbox.store import Store
from sandbox.tags import Tags
from sandbox.tokens import Tokens
from sandbox.transactions import Transactions


class World:
    """Made inside the loop's thread; every handler holds it."""

    def __init__(self, config: Config, clock: Clock = system_clock) -> None:
        self.config, self.clock = config, clock
        self.faults = Faults()
        self.store = Store(config.state_dir)
        self.out = Out(config)
        self._open_account()
        self._open_till()

    def _open_account(self) -> None:
        config, clock, store = self.config, self.clock, self.store
        self.followers = Followers(store, clock, config.followers)
        self.chats = Chats(store, clock)
        self.menu = Menu(store)
        self.tokens = Tokens(config, clock)
        self.oauth = OAuth(config, clock)
        self.media = Media(store, clock)
        self.tags = Tags(store)
        self.qrcodes = QrCodes(store, clock)
        self.notices = Notices(store, clock, self.followers, self.chats)
        self.pushes = Pushes(clock, self.followers, self.chats, knows_media=self.media.knows)
        self.courier = Courier(
            config, clock, out=self.out, followers=self.followers, chats=self.chats, faults=self.faults
        )
        self.codes = Codes()
        self.browsers = Browsers(config, self.out, self.oauth)

    def _open_till(self) -> None:
        config, clock, store = self.config, self.clock, self.store
        self.signer = PaySigner(config, clock)
        self.transactions = Transactions(config, store, clock, faults=self.faults, knows=self.knows)
        self.refunds = Refunds(config, store, clock, self.transactions)
        self.notifier = Notifier(config, store, clock, out=self.out, signer=self.signer, faults=self.faults)
        self.bills = Bills(config, clock, self.faults, transactions=self.transactions, refunds=self.refunds)
        self.cashier = Cashier(
            config,
            signer=self.signer,
            transactions=self.transactions,
            refunds=self.refunds,
            notifier=self.notifier,
        )
        self.payer = Payer(self.browsers, self.cashier)

    def knows(self, openid: str) -> bool:
        return self.followers.get(openid) is not None

    def resume(self) -> None:
        """Go on with what an earlier run left unfinished; call once the loop runs."""
        self.notifier.resume()
        self.cashier.resume()

    async def close(self) -> None:
        await self.cashier.close()
        await self.notifier.close()
        self.out.close()
        self.store.close()
