"""The period as an Excel file: totals, one sheet a grouping, and the visits without anybody's name."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import xlsxwriter
from flask_babel import gettext as _

from dispatch.clock import local
from dispatch.identity import spoken_code
from dispatch.reports.charts import group_names, value_name
from dispatch.reports.statistics import Figures

if TYPE_CHECKING:
    from dispatch.reports.views import Report

Cell = str | int | float | datetime | None


def write_workbook(file: BinaryIO, report: "Report", ward_name: str) -> None:
    """Write the whole workbook. Texts are written as texts, so that no cell can be a formula."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
        "time": book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        "number": book.add_format({"num_format": "0.0"}),
    }
    period = report.period
    dates = f"{period.first:%d/%m/%Y} - {period.last:%d/%m/%Y}"
    totals: list[list[Cell]] = [
        [_("Ward"), ward_name],
        [_("Period"), dates],
        [_("Requests"), len(report.requests)],
        *([name, value] for name, value in zip(_headings(), _values(report.total), strict=True)),
    ]
    _sheet(book, formats, _("Overview"), [_("Figure"), _("Value")], totals)
    for grouping, name in group_names().items():
        rows = [[value_name(grouping, key), *_values(f)] for key, f in report.groups[grouping].items()]
        _sheet(book, formats, name, [name, *_headings()], rows)
    _visits(book, formats, report)
    book.close()


def _headings() -> list[str]:
    return [
        _("Visits tried"),
        _("Visits completed"),
        _("Success at the first try (%)"),
        _("Within the promised window (%)"),
        _("Hours from request to collection (median)"),
        _("Hours from result to return (median)"),
    ]


def _values(figures: Figures) -> list[Cell]:
    return [
        figures.tried,
        figures.completed,
        figures.first_try.percent,
        figures.on_time.percent,
        figures.to_collection_h,
        figures.to_return_h,
    ]


def _visits(book: Any, formats: dict[str, Any], report: "Report") -> None:
    headings = [
        _("Dossier code"),
        _("Leg"),
        _("Channel"),
        _("Procedure"),
        _("Neighbourhood"),
        _("State"),
        _("Tries"),
        _("Requested"),
        _("Result ready"),
        _("Promised from"),
        _("Promised until"),
        _("Arrived"),
        _("Finished"),
    ]
    rows: list[list[Cell]] = [
        [
            spoken_code(v.code),
            value_name("leg", v.leg),
            value_name("channel", v.channel),
            v.procedure,
            value_name("neighbourhood", v.neighbourhood),
            _("completed") if v.state == "done" else _("not completed"),
            v.attempts,
            *(
                local(moment, report.period.zone).replace(tzinfo=None) if moment else None
                for moment in (
                    v.requested_at,
                    v.ready_at,
                    v.promised_start,
                    v.promised_end,
                    v.arrived_at,
                    v.finished_at,
                )
            ),
        ]
        for v in report.visits
    ]
    _sheet(book, formats, _("Visits"), headings, rows)


def _sheet(book: Any, formats: dict[str, Any], name: str, headings: list[str], rows: list[list[Cell]]) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(headings), 18)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, formats["head"])
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _cell(sheet, formats, line, column, value)


def _cell(sheet: Any, formats: dict[str, Any], line: int, column: int, value: Cell) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(line, column, value, formats["time"])
    elif isinstance(value, float):
        sheet.write_number(line, column, value, formats["number"])
    elif isinstance(value, int):
        sheet.write_number(line, column, value)
    else:
        sheet.write_string(line, column, value)
