"""A stand-in for WeChat's servers and WeChat Pay, with a phone to hold.

It speaks to the service over HTTP only and imports nothing of it. It signs and encrypts what WeChat signs and
encrypts, verifies what WeChat verifies, and refuses what WeChat refuses, so that what runs against it runs in
production with other keys.

Run it with ``python -m sandbox --config FILE``; make the keys with ``python -m sandbox keys DIR``; start it
inside a test with ``sandbox.app.start(config)``.
"""
