"""Runs migrations on the application's own engine, one transaction a migration, in batch mode where SQLite needs it."""

from alembic import context
from flask import current_app

from dispatch.database import db


def run() -> None:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
            user_module_prefix="column.",
        )
        if connection.dialect.name == "sqlite":
            # Batch mode makes a new table and drops the old one: rows that point to it must not stand in the way.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
