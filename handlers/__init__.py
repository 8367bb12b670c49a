"""The answers: what a follower reads in the chat (`chat/`) and on the pages (`web/`)."""
