"""The door: WeChat's wire in both directions. Read it from `webhook.py` outward.

Receives, refuses, verifies, decrypts, de-duplicates, routes, answers in time and encrypts; and calls WeChat's
API. It knows no course and imports `infra` at most: `app` puts the handlers in.
"""
