"""The members: who a follower is, what they did (the event log)."""
