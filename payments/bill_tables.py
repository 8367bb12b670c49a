"""WeChat's daily bills as they were fetched, and where they differ from the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, UniqueConstraint

from infra.database import UtcDateTime, table
from payments.tables import BIG_ID

# Days are Beijing's: the bill is cut at midnight there.
bills = table(
    "bills",
    Column("day", Date, primary_key=True),
    Column("status", String(12), nullable=False),
    Column("sha1", String(40), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("received_fen", BigInteger, nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Column("fee_fen", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("last_error", String(300), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=True),
    Index("ix_bills_status_due_at", "status", "due_at"),
)

bill_differences = table(
    "bill_differences",
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("day", Date, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("key", String(96), nullable=False),  # what of the day it is about
    Column("out_trade_no", String(32), nullable=True),
    Column("out_refund_no", String(64), nullable=True),
    Column("transaction_id", String(64), nullable=True),
    Column("ours_fen", BigInteger, nullable=True),  # NULL where one side knows nothing of it
    Column("theirs_fen", BigInteger, nullable=True),
    Column("repair", String(24), nullable=False),  # what is proposed
    Column("status", String(12), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    UniqueConstraint("day", "kind", "key", name="uq_bill_differences_day_kind_key"),
    Index("ix_bill_differences_status", "status"),
)
