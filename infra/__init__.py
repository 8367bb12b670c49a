"""What every room stands on: settings, stores, queue, outbox, clock, errors, log and the one door out.

Imports nothing of the other rooms.
"""
