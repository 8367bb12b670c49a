"""The figures of the service, in Prometheus' terms. Labels are few and fixed: no openid, no order, no URL."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)

MESSAGES = Counter(
    "keban_messages_total", "Messages and events from WeChat.", ["type", "outcome"], registry=REGISTRY
)
MESSAGE_SECONDS = Histogram(
    "keban_message_seconds",
    "Time from a message's arrival to its answer.",
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4, 5),
)
REFUSALS = Counter(
    "keban_refusals_total", "Requests refused at a door, by cause.", ["door", "cause"], registry=REGISTRY
)
DROPPED = Counter(
    "keban_connections_dropped_total",
    "Connections closed on a sender that was too slow, for want of room, or at once.",
    ["cause"],
    registry=REGISTRY,
)
CALLS = Counter(
    "keban_outgoing_calls_total", "Calls to other services.", ["peer", "result"], registry=REGISTRY
)
WECHAT_ANSWERS = Counter(
    "keban_wechat_answers_total",
    "WeChat's answers to calls, by call and errcode (its HTTP status is always 200).",
    ["call", "errcode"],
    registry=REGISTRY,
)
CALL_SECONDS = Histogram(
    "keban_outgoing_call_seconds", "Time of calls to other services.", ["peer"], registry=REGISTRY
)
OUTBOX = Counter("keban_outbox_total", "Outbox parcels, by result.", ["topic", "result"], registry=REGISTRY)
PAYMENTS = Counter(
    "keban_payments_total", "Steps of the till, by result.", ["step", "result"], registry=REGISTRY
)
NEEDING_CARE = Gauge(
    "keban_orders_needing_care",
    "Orders whose money an operator has to look at: the `!!` of `manage.py orders list`.",
    registry=REGISTRY,
)
COURSES = Gauge("keban_courses", "Courses on sale.", registry=REGISTRY)
PAGES = Counter(
    "keban_pages_total", "Pages answered, by status class.", ["page", "status"], registry=REGISTRY
)
