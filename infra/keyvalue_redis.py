"""The key-value store on Redis, for many processes on many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.errors import ConfigError, Unavailable
from infra.keyvalue import DeleteIf, Get, Result, Set, Step, Swap, check, hold_lock, prove
from infra.silence import Silence

TIMEOUT_S = 1.0
MAX_CONNECTIONS = 64

# Compare and set has no command of its own in Redis; a script is atomic there.
_SWAP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
return 0
"""
_DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_INCREMENT = """
local n = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return n
"""


class RedisStore:
    """See `infra.keyvalue.KeyValueStore`. All keys carry ``prefix``, so a server can be shared."""

    def __init__(self, url: str, *, prefix: str = "keban:", timeout_s: float = TIMEOUT_S) -> None:
        try:
            pool = redis.BlockingConnectionPool.from_url(
                url,
                max_connections=MAX_CONNECTIONS,
                timeout=timeout_s,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                # One reconnect for a connection that the server had closed. Not after a silence: what was
                # sent may have been done.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            )
        except ValueError as error:
            raise ConfigError(
                "redis.url is not a Redis address", hint="e.g. redis://127.0.0.1:6379/0"
            ) from error
        self._redis: Any = redis.Redis(connection_pool=pool)
        self._prefix = prefix
        # One that is slow once, for a long save, is not silent yet.
        self._silence = Silence("key-value store", after=2)
        self._swap = self._redis.register_script(_SWAP)
        self._delete_if = self._redis.register_script(_DELETE_IF)
        self._increment = self._redis.register_script(_INCREMENT)

    def get(self, key: str) -> bytes | None:
        check(key)
        with self._answers():
            value: bytes | None = self._redis.get(self._prefix + key)
        return value

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        check(key, value)
        with self._answers():
            self._redis.set(self._prefix + key, value, px=_ms(ttl_s))

    def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        check(key, value)
        with self._answers():
            return bool(self._redis.set(self._prefix + key, value, px=_ms(ttl_s), nx=True))

    def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
        if old is None:
            return self.add(key, new, ttl_s=ttl_s)
        check(key, new)
        with self._answers():
            return bool(self._swap(keys=[self._prefix + key], args=[old, new, _ms(ttl_s)]))

    def together(self, *steps: Step) -> list[Result]:
        with self._answers(), self._redis.pipeline(transaction=False) as trip:
            for step in steps:
                self._put(trip, step)
            answers = trip.execute()
        return [_result(step, answer) for step, answer in zip(steps, answers, strict=True)]

    def _put(self, trip: Any, step: Step) -> None:
        key = self._prefix + step.key
        if isinstance(step, Get):
            check(step.key)
            trip.get(key)
        elif isinstance(step, DeleteIf):
            check(step.key, step.value)
            trip.eval(_DELETE_IF, 1, key, step.value)
        elif isinstance(step, Swap) and step.old is not None:
            check(step.key, step.new)
            trip.eval(_SWAP, 1, key, step.old, step.new, _ms(step.ttl_s))
        else:
            value = step.new if isinstance(step, Swap) else step.value
            check(step.key, value)
            trip.set(key, value, px=_ms(step.ttl_s), nx=not isinstance(step, Set))

    def delete(self, key: str) -> None:
        check(key)
        with self._answers():
            self._redis.delete(self._prefix + key)

    def delete_if(self, key: str, value: bytes) -> bool:
        check(key, value)
        with self._answers():
            return bool(self._delete_if(keys=[self._prefix + key], args=[value]))

    def increment(self, key: str, *, ttl_s: float, by: int = 1) -> int:
        check(key)
        with self._answers():
            return int(self._increment(keys=[self._prefix + key], args=[by, _ms(ttl_s)]))

    def lock(self, name: str, *, ttl_s: float, wait_s: float) -> AbstractContextManager[None]:
        return hold_lock(self, name, ttl_s=ttl_s, wait_s=wait_s)

    def ping(self) -> None:
        prove(self)

    @contextmanager
    def _answers(self) -> Iterator[None]:
        self._silence.admit()
        try:
            yield
        except redis.TimeoutError as error:
            self._silence.broken()
            # Those that lie idle might be as silent, and they would be tried one by one.
            self._redis.connection_pool.disconnect(inuse_connections=False)
            raise Unavailable("Redis does not answer", hint=type(error).__name__) from error
        except redis.RedisError as error:
            self._silence.heard()
            raise Unavailable("Redis does not answer", hint=type(error).__name__) from error
        self._silence.heard()

    def close(self) -> None:
        self._redis.close()
        self._redis.connection_pool.disconnect()


def _result(step: Step, answer: Any) -> Result:
    if isinstance(step, Get):
        value: bytes | None = answer
        return value
    return None if isinstance(step, Set) else bool(answer)


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
