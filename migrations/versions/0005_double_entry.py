"""the ledger becomes double entry; audit, gifts, bills, alerts, invoices; orders say what they open

Revision: 0005, after 0004

A process of the version before cannot book a payment once the old ledger is gone; WeChat Pay repeats what was
not acknowledged. So stop the old processes, or let their few refusals be.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from infra.database import JsonText, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IN_MYSQL = {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_bin"}


def upgrade() -> None:
    _make_operators_tables()
    _make_gifts_and_invoices()
    _make_bills()
    _make_postings()
    _copy_ledger()
    op.drop_table("ledger")
    _add_columns()


def downgrade() -> None:
    _drop_columns()
    _make_ledger()
    _copy_back()
    for name in ("postings", "bill_differences", "bills", "invoices", "gifts", "audit", "alerts"):
        op.drop_table(name)


def _add_columns() -> None:
    op.add_column("attempts", sa.Column("pay_url", sa.String(length=512), nullable=True))
    op.add_column("attempts", sa.Column("payer", sa.String(length=64), nullable=True))
    op.add_column("orders", sa.Column("contents", JsonText(), nullable=True))
    # With a default of the database's: the rows that are there need a value.
    op.add_column("orders", sa.Column("is_gift", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("refunds", sa.Column("asked_by", sa.String(length=64), server_default="", nullable=False))
    _set_refund_rule(8, 40)


def _drop_columns() -> None:
    _set_refund_rule(40, 8)
    op.drop_column("refunds", "asked_by")
    op.drop_column("orders", "is_gift")
    op.drop_column("orders", "contents")
    op.drop_column("attempts", "payer")
    op.drop_column("attempts", "pay_url")


def _set_refund_rule(before: int, after: int) -> None:
    """SQLite cannot change a column, so there the table is copied."""
    with op.batch_alter_table("course_version") as table:
        table.alter_column(
            "refund",
            existing_type=sa.String(length=before),
            type_=sa.String(length=after),
            existing_nullable=False,
        )


def _copy_ledger() -> None:
    """Each movement of the old ledger, and where it came from or went to.

    A payment is a sale if it is the order's own and something was ever opened for it; else it was owed.
    """
    old = _ledger()
    orders, grants = (
        sa.table("orders", *_columns("order_no", "paid_by")),
        sa.table("grants", *_columns("source")),
    )
    is_orders = sa.exists().where(orders.c.order_no == old.c.order_no, orders.c.paid_by == old.c.out_trade_no)
    was_opened = sa.exists().where(grants.c.source == sa.literal("order:") + old.c.order_no)
    account = sa.case((sa.and_(is_orders, was_opened), "sales"), else_="owed")
    _copy(old, sa.literal("wechat"), old.c.fen)
    _copy(old, account, -old.c.fen)


def _copy(old: sa.TableClause, account: sa.ColumnElement[Any], fen: sa.ColumnElement[Any]) -> None:
    kept = (old.c.order_no, old.c.out_trade_no, fen, old.c.at, old.c.booked_at)
    rows = sa.select(old.c.key, account, *kept).order_by(old.c.id)
    names = ["entry", "account", "order_no", "out_trade_no", "fen", "at", "booked_at"]
    op.execute(_postings().insert().from_select(names, rows))


def _copy_back() -> None:
    """Payments and refunds; the old ledger has no place for other entries."""
    new = _postings()
    is_payment, is_refund = new.c.entry.like("payment:%"), new.c.entry.like("refund:%")
    kind = sa.case((is_payment, "payment"), else_="refund")
    kept = (new.c.order_no, new.c.out_trade_no, new.c.fen, new.c.at, new.c.booked_at)
    rows = sa.select(new.c.entry, kind, *kept)
    rows = rows.where(new.c.account == "wechat", sa.or_(is_payment, is_refund)).order_by(new.c.id)
    names = ["key", "kind", "order_no", "out_trade_no", "fen", "at", "booked_at"]
    op.execute(_ledger().insert().from_select(names, rows))


def _ledger() -> sa.TableClause:
    names = ("id", "key", "kind", "order_no", "out_trade_no", "fen", "at", "booked_at")
    return sa.table("ledger", *_columns(*names))


def _postings() -> sa.TableClause:
    names = ("id", "entry", "account", "order_no", "out_trade_no", "fen", "at", "booked_at")
    return sa.table("postings", *_columns(*names))


def _columns(*names: str) -> list[sa.ColumnClause[Any]]:
    others: dict[str, Any] = {
        "id": sa.BigInteger(),
        "fen": sa.BigInteger(),
        "at": UtcDateTime(),
        "booked_at": UtcDateTime(),
    }
    return [sa.column(name, others.get(name, sa.String())) for name in names]


def _table(name: str, *items: Any) -> None:
    options: Any = {
        f"{server}_{what}": value for server in ("mysql", "mariadb") for what, value in _IN_MYSQL.items()
    }
    op.create_table(name, *items, **options)


def _id() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, autoincrement=True, nullable=False)


def _make_operators_tables() -> None:
    _table(
        "alerts",
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=96), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_ended_at", "alerts", ["ended_at"], unique=False)
    _table(
        "audit",
        _id(),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=96), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_about", "audit", ["about"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)


def _make_gifts_and_invoices() -> None:
    _table(
        "gifts",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=32), nullable=False),
        sa.Column("buyer", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("redeemer", sa.String(length=64), nullable=True),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_gifts")),
        sa.UniqueConstraint("order_no", name=op.f("uq_gifts_order_no")),
    )
    op.create_index("ix_gifts_buyer", "gifts", ["buyer"], unique=False)
    _table(
        "invoices",
        _id(),
        sa.Column("order_no", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("tax_no", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("order_no", name=op.f("uq_invoices_order_no")),
    )
    op.create_index("ix_invoices_openid", "invoices", ["openid"], unique=False)
    op.create_index("ix_invoices_status_created_at", "invoices", ["status", "created_at"], unique=False)


def _make_bills() -> None:
    _table(
        "bills",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sha1", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("received_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_bills")),
    )
    op.create_index("ix_bills_status_due_at", "bills", ["status", "due_at"], unique=False)
    _table(
        "bill_differences",
        _id(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("out_trade_no", sa.String(length=32), nullable=True),
        sa.Column("out_refund_no", sa.String(length=64), nullable=True),
        sa.Column("transaction_id", sa.String(length=64), nullable=True),
        sa.Column("ours_fen", sa.BigInteger(), nullable=True),
        sa.Column("theirs_fen", sa.BigInteger(), nullable=True),
        sa.Column("repair", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_differences")),
        sa.UniqueConstraint("day", "kind", "key", name="uq_bill_differences_day_kind_key"),
    )
    op.create_index("ix_bill_differences_status", "bill_differences", ["status"], unique=False)


def _make_postings() -> None:
    _table(
        "postings",
        _id(),
        sa.Column("entry", sa.String(length=96), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("order_no", sa.String(length=32), nullable=False),
        sa.Column("out_trade_no", sa.String(length=32), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("entry", "account", name="uq_postings_entry_account"),
    )
    op.create_index("ix_postings_account_at", "postings", ["account", "at"], unique=False)
    op.create_index("ix_postings_order_no", "postings", ["order_no"], unique=False)


def _make_ledger() -> None:
    _table(
        "ledger",
        _id(),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("order_no", sa.String(length=32), nullable=False),
        sa.Column("out_trade_no", sa.String(length=32), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_key")),
    )
    op.create_index("ix_ledger_at", "ledger", ["at"], unique=False)
    op.create_index("ix_ledger_order_no", "ledger", ["order_no"], unique=False)
