"""A whole database put aside and brought back, faster than making it again."""

from sqlalchemy import func, select

from dispatch.database import db

Snapshot = dict[str, list[dict[str, object]]]


def snapshot() -> Snapshot:
    """Every row of every table, to be put back by `restore`."""
    with db.engine.connect() as connection:
        return {t.name: [dict(r) for r in connection.execute(t.select()).mappings()] for t in db.metadata.sorted_tables}


def restore(rows: Snapshot) -> None:
    """Make the database what it was when the snapshot was taken."""
    db.session.rollback()
    db.session.expunge_all()
    with db.engine.begin() as connection:
        postgresql = connection.dialect.name == "postgresql"
        if postgresql:
            names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())
        for table in db.metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(table.insert(), rows[table.name])
                if postgresql:
                    last = max(int(str(row["id"])) for row in rows[table.name])
                    connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
