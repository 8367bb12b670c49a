"""The till's tables.

Every step has a unique key or a conditional update, so doing it twice is doing it once:

- ``orders.open_key``: one open order a follower, item and price (NULL once it is not open any more);
- ``attempts.live_key``: one live attempt an order; ``transaction_id``: a payment is credited once;
- ``grants``: one a follower, item and source; ``refunds.cause``: each automatic refund is made once;
- ``postings``: a movement of money is booked once an account; ``notifications.id``: one row a notification.

There are no foreign keys: on InnoDB a child's insert takes a shared lock on the order, which two settlements
would then both want to raise.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, UniqueConstraint

from infra.database import JsonText, LongText, UtcDateTime, table

BIG_ID = BigInteger().with_variant(Integer, "sqlite")

orders = table(
    "orders",
    Column("order_no", String(32), primary_key=True),
    Column("openid", String(64), nullable=False),
    Column("item_kind", String(20), nullable=False),
    Column("item_id", String(64), nullable=False),
    Column("contents", JsonText, nullable=True),  # [[kind, id], …] that it opens; NULL is the item itself
    Column("is_gift", Boolean, nullable=False),
    Column("title", String(200), nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("access", String(40), nullable=False),
    Column("refund_rule", String(40), nullable=False),
    Column("status", String(24), nullable=False),
    Column("open_key", String(64), nullable=True, unique=True),
    Column("paid_by", String(32), nullable=True),  # the attempt whose money is the order's
    Column("paid_at", UtcDateTime, nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("closing_tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # when the sweep looks at it (again) to close it
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("total_fen >= 0", name="ck_orders_total_fen"),
    Index("ix_orders_openid_created_at", "openid", "created_at"),
    Index("ix_orders_status_due_at", "status", "due_at"),
    Index("ix_orders_created_at", "created_at"),
)

attempts = table(
    "attempts",
    Column("out_trade_no", String(32), primary_key=True),
    Column("order_no", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("live_key", String(32), nullable=True, unique=True),
    Column("way", String(12), nullable=False),  # jsapi | native | h5
    Column("openid", String(64), nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column(
        "asked_for", String(64), nullable=False
    ),  # digest of the parameters, which WeChat never lets change
    Column("status", String(12), nullable=False),
    Column("prepay_id", String(128), nullable=True),  # of jsapi
    Column("pay_url", String(512), nullable=True),  # of native and h5: what is shown or opened
    Column("prepay_at", UtcDateTime, nullable=True),
    Column("transaction_id", String(64), nullable=True, unique=True),
    Column(
        "payer", String(64), nullable=True
    ),  # who paid, where WeChat says so; what is opened is the owner's
    Column("success_at", UtcDateTime, nullable=True),
    Column("received_fen", BigInteger, nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Column("pending_fen", BigInteger, nullable=False),
    Column("wrong", String(300), nullable=False),  # for the operator, see payments.care
    Column("queries", Integer, nullable=False),
    Column("queried_at", UtcDateTime, nullable=True),
    Column("due_at", UtcDateTime, nullable=False),  # when the sweep asks the gateway (again)
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("order_no", "number", name="uq_attempts_order_no_number"),
    CheckConstraint("refunded_fen >= 0 AND pending_fen >= 0", name="ck_attempts_not_negative"),
    CheckConstraint("refunded_fen + pending_fen <= received_fen", name="ck_attempts_within_received"),
    Index("ix_attempts_status_due_at", "status", "due_at"),
)

grants = table(
    "grants",
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("openid", String(64), nullable=False),
    Column("item_kind", String(20), nullable=False),  # course | tag | all
    Column("item_id", String(64), nullable=False),  # of all: *
    Column("source", String(64), nullable=False),  # "order:NO"; one source may open several items
    Column("status", String(12), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),  # exclusive; NULL is for ever
    Column("ended_at", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("openid", "item_kind", "item_id", "source", name="uq_grants_one_per_source"),
    Index("ix_grants_source", "source"),
    Index("ix_grants_openid_status", "openid", "status"),
    Index("ix_grants_status_expires_at", "status", "expires_at"),
)

refunds = table(
    "refunds",
    Column("out_refund_no", String(64), primary_key=True),
    Column("order_no", String(32), nullable=False),
    Column("out_trade_no", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("cause", String(64), nullable=False, unique=True),
    Column("fen", BigInteger, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("asked_by", String(64), nullable=False),  # an openid, or who else; "" is the till itself
    Column("status", String(12), nullable=False),
    Column("refund_id", String(64), nullable=True),
    Column("success_at", UtcDateTime, nullable=True),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("last_error", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("out_trade_no", "number", name="uq_refunds_out_trade_no_number"),
    CheckConstraint("fen > 0", name="ck_refunds_fen"),
    Index("ix_refunds_order_no", "order_no"),
    Index("ix_refunds_status_due_at", "status", "due_at"),
)

notifications = table(
    "notifications",
    Column("id", String(64), primary_key=True),  # WeChat's own id; a repeated delivery keeps it
    Column("kind", String(12), nullable=False),  # payment | refund
    Column("event_type", String(40), nullable=False),
    Column("body", LongText, nullable=False),  # as it came, so still encrypted
    Column("status", String(12), nullable=False),  # received | done | refused
    Column("deliveries", Integer, nullable=False),
    Column("last_error", String(300), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_notifications_status_received_at", "status", "received_at"),
)

# Double entry, and append-only: nothing in the project updates or deletes a row of it. See `payments.book`.
postings = table(
    "postings",
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("entry", String(96), nullable=False),  # one movement of money: its rows come to zero
    Column("account", String(16), nullable=False),
    Column("order_no", String(32), nullable=False),
    Column("out_trade_no", String(32), nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),  # WeChat's moment: its bill is cut by this
    Column("booked_at", UtcDateTime, nullable=False),
    UniqueConstraint("entry", "account", name="uq_postings_entry_account"),
    Index("ix_postings_order_no", "order_no"),
    Index("ix_postings_account_at", "account", "at"),
)
