"""A table's rows as lines of JSON, and back: times are ISO 8601, bytes base64, all else as JSON has it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Insert, LargeBinary, Table, bindparam
from sqlalchemy.types import TypeDecorator, TypeEngine

ROWS_AT_ONCE = 500


def written(row: Mapping[str, Any]) -> bytes:
    """One row as a line."""
    values = {name: _to_json(value) for name, value in row.items()}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(table: Table, line: bytes) -> dict[str, Any]:
    """A row as its table takes it; ValueError where the columns or a value do not fit."""
    row = json.loads(line)
    if set(row) != {column.name for column in table.columns}:
        raise ValueError(f"columns of {table.name}")
    return {column.name: _from_json(column.type, row[column.name]) for column in table.columns}


def insert_into(table: Table) -> Insert:
    """Takes the rows of `batches`. NULL comes back as NULL, also in JSON columns: there SQLAlchemy would otherwise
    store the word `null`."""
    types = {c.name: JSON(none_as_null=True) if isinstance(c.type, JSON) else c.type for c in table.columns}
    return table.insert().values({name: bindparam(_parameter(name), type_=type_) for name, type_ in types.items()})


def batches(table: Table, lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    """Lines as the parameters of `insert_into`, some at a time."""
    rows = ({_parameter(name): value for name, value in read(table, line).items()} for line in lines)
    while batch := list(islice(rows, rows_at_once(table))):
        yield batch


def rows_at_once(table: Table) -> int:
    """Rows that are held in memory together; maps are large, one is enough."""
    return 1 if any(isinstance(c.type, LargeBinary) for c in table.columns) else ROWS_AT_ONCE


def _parameter(column: str) -> str:
    return f"v_{column}"


def _to_json(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _from_json(type_: TypeEngine[Any], value: Any) -> Any:
    inner = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    if value is None:
        return None
    if isinstance(inner, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(inner, Date):
        return date.fromisoformat(value)
    return b64decode(value, validate=True) if isinstance(inner, LargeBinary) else value
