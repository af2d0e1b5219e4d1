"""Rows of every table, made from the tables themselves: whatever a column can hold stands in at least one of them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Double, Integer, LargeBinary, Table, select
from sqlalchemy.types import TypeDecorator

from dispatch.database import db

_number = count(1)


def fill_every_table(connection: Connection, rows: int = 3) -> None:
    """Some rows in each table, in an order in which what they refer to is there; every third has no optional value."""
    for table in db.metadata.sorted_tables:
        for _ in range(rows):
            number = next(_number)
            row = {c.name: _value(connection, table, c, number) for c in table.columns if c.name != "id"}
            connection.execute(table.insert().values({name: value for name, value in row.items() if value is not None}))


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, in the order of their keys."""
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in db.metadata.sorted_tables
    }


def _value(connection: Connection, table: Table, column: Any, number: int) -> Any:
    if column.nullable and number % 3 == 0:
        return None
    if column.name == "is_demo":
        return False  # the demo's data come back into a demo only
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        ids = connection.scalars(select(key.column).order_by(key.column)).all()
        return ids[number % len(ids)]
    type_ = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return _of_type(type_, column, number)


def _of_type(type_: Any, column: Any, number: int) -> Any:
    if isinstance(type_, Boolean):
        return number % 2 == 0
    if isinstance(type_, Integer):
        return number
    if isinstance(type_, Double):
        return 16.0935 + number / 7
    if isinstance(type_, DateTime):
        return datetime(2026, 11, 23, 0, 45, 1, 123456, tzinfo=UTC) + timedelta(seconds=number)
    if isinstance(type_, Date):
        return date(2026, 1, 1) + timedelta(days=number)
    if isinstance(type_, LargeBinary):
        return bytes(range(256)) * number
    if isinstance(type_, JSON):
        return {"chữ": f"Nại Hiên Đông {number}", "số": [number, 0.1, None, True]}
    text = f'Đường "{number}"\n{"K45/12"}\u2028'
    return text[: type_.length] if type_.length and type_.length < 100 else text
