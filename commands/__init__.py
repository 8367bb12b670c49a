"""The command line's rooms: one file a group of commands, each thin. `manage.py` is their table."""
