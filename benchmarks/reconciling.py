"""The measured process of `benchmarks.bill`: reconciles the day twice, and prints its figures as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select

from benchmarks.bill import DAY, BillGateway, open_books
from infra.clock import ManualClock
from payments.desk import Desk
from payments.reconcile import reconcile
from payments.tables import postings


def main(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    db = open_books(folder)
    desk = Desk(
        db, BillGateway(folder / "bill.csv"), ManualClock(datetime(2026, 1, 6, 4, tzinfo=UTC)), "", ""
    )
    began, computed = time.perf_counter(), time.process_time()
    done = reconcile(desk, DAY)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - computed
    began = time.perf_counter()
    reconcile(desk, DAY)
    again_s = time.perf_counter() - began
    with db.reading() as conn:
        fees = conn.execute(select(func.count()).where(postings.c.account == "fees")).scalar_one()
    db.close()
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"seconds": seconds, "cpu_s": cpu_s, "again_s": again_s, "mb": mb, "fees": fees}
    print(json.dumps(said | {"rows": done.totals.rows, "left": len(done.left)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
