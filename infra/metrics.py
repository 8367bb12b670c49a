"""The figures of the service, in Prometheus' terms. Labels are few and fixed: no openid, no order, no URL."""

from __future__ import annotations

from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)


def _state(name: str, text: str) -> Gauge:
    """What is so now, for all processes alike: of several that have looked the last is right.

    No number until somebody has looked: nobody takes "unknown" for "none".
    """
    state = Gauge(name, text, registry=REGISTRY, multiprocess_mode="mostrecent")
    state.set(nan)
    return state


MESSAGES = Counter(
    "keban_messages_total", "Messages and events from WeChat.", ["type", "outcome"], registry=REGISTRY
)
MESSAGE_SECONDS = Histogram(
    "keban_message_seconds",
    "Time from a message's arrival to its answer.",
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4, 5),
)
STAGE_SECONDS = Histogram(
    "keban_message_stage_seconds",
    "Time of the stages of one message in eight: waiting for a worker, recall, handler, keeping, sealing.",
    ["stage"],
    registry=REGISTRY,
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
)
LONG_WAY = Counter(
    "keban_messages_long_way_total",
    "Messages that came through the web server, because they were not whole at once or not ordinary.",
    registry=REGISTRY,
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
NEEDING_CARE = _state(
    "keban_orders_needing_care",
    "Orders whose money an operator has to look at: the `!!` of `manage.py orders list`.",
)
ALERTS = Gauge(
    "keban_alerts",
    "What an operator is told of and still stands, by kind.",
    ["kind"],
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)
OUTBOX_WAITING = _state("keban_outbox_waiting", "Outbox parcels that have not been delivered yet.")
OUTBOX_AGE = _state(
    "keban_outbox_age_seconds", "How long the outbox parcel that is due longest has been due; 0 when none is."
)
QUEUE_WAITING = _state("keban_queue_waiting", "Jobs that no worker has taken yet.")
QUEUE_AGE = _state(
    "keban_queue_age_seconds", "How long the oldest of these jobs has waited; 0 when none does."
)
COURSES = _state("keban_courses", "Courses on sale.")
PAGES = Counter(
    "keban_pages_total", "Pages answered, by status class.", ["page", "status"], registry=REGISTRY
)
