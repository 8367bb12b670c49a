"""All rooms that have tables: importing this fills the shared metadata."""

from __future__ import annotations

import content.tables
import infra.outbox
import learners.tables
import payments.alert_tables
import payments.audit_tables
import payments.bill_tables
import payments.gift_tables
import payments.invoice_tables
import payments.tables
from infra.database import metadata

__all__ = ["metadata"]
