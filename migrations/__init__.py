"""Migrations of the database, in order; see `infra.migrate`."""
