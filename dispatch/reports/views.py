"""The chairman's page: five minutes, one chart a question, and a spreadsheet to send upward."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, g, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _

from dispatch.accounts.models import Role
from dispatch.clock import today_in
from dispatch.dossiers.taking_back import taken_back_in
from dispatch.reports import charts
from dispatch.reports.spreadsheet import write_workbook
from dispatch.reports.statistics import GROUPINGS, Figures, by_group, figures
from dispatch.reports.visits import Period, Visit, failures_of, requests_of, visits_of
from dispatch.security import allow

blueprint = Blueprint("reports", __name__)
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Report:
    """Everything the page and the spreadsheet show of one period."""

    period: Period
    visits: list[Visit]
    requests: list[tuple[Any, str, str, str]]
    failures: dict[str, int]
    total: Figures
    groups: dict[str, dict[str, Figures]]


@blueprint.get("/")
@allow(Role.CHAIRMAN, Role.DISPATCHER)
def overview() -> ResponseReturnValue:
    period, sentence = _chosen_period()
    grouping = request.args.get("theo", "leg")
    if grouping not in GROUPINGS:
        grouping = "leg"
    report = _report(period)
    page = render_template(
        "reports/overview.html",
        report=report,
        period=period,
        sentence=sentence,
        grouping=grouping,
        group_names=charts.group_names(),
        value_name=charts.value_name,
        charts=charts.all_charts(report, grouping),
        quick=_quick_periods(),
        decimal=format_decimal,
        tab_list=_tabs(period, grouping),
    )
    return page, 422 if sentence else 200


@blueprint.get("/bang-tinh.xlsx")
@allow(Role.CHAIRMAN, Role.DISPATCHER)
def spreadsheet() -> ResponseReturnValue:
    period, _sentence = _chosen_period()
    file = BytesIO()
    write_workbook(file, _report(period), g.ward.name)
    file.seek(0)
    name = f"ship-ho-so_{period.first:%Y%m%d}-{period.last:%Y%m%d}.xlsx"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(file, mimetype=kind, as_attachment=True, download_name=name)


def _report(period: Period) -> Report:
    taken_back = taken_back_in(g.ward.id)
    visits = visits_of(g.ward, period, taken_back)
    return Report(
        period=period,
        visits=visits,
        requests=requests_of(g.ward, period),
        failures=failures_of(g.ward, period, taken_back),
        total=figures(visits, period),
        groups={grouping: by_group(visits, period, grouping) for grouping in GROUPINGS},
    )


def _tabs(period: Period, chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "label": name,
            "url": url_for("reports.overview", tu=period.first, den=period.last, theo=grouping),
            "active": grouping == chosen,
        }
        for grouping, name in charts.group_names().items()
    ]


def _chosen_period() -> tuple[Period, str]:
    """The period asked for (default: the last two weeks), and a sentence where the dates could not be used."""
    today = today_in(g.ward.timezone)
    usual = Period(today - timedelta(days=13), today, g.ward.timezone)
    texts = request.args.get("tu", ""), request.args.get("den", "")
    if not any(texts):
        return usual, ""
    try:
        first, last = (date.fromisoformat(text) for text in texts)
    except ValueError:
        return usual, _("Please choose both dates, for example 2026-11-01 to 2026-11-30.")
    if last < first:
        return usual, _("The last day lies before the first one; please exchange them.")
    if (last - first).days >= LONGEST_DAYS or not 2000 <= first.year <= 2200:
        return usual, _("Please choose a period of at most one year.")
    return Period(first, last, g.ward.timezone), ""


def _quick_periods() -> list[dict[str, Any]]:
    today = today_in(g.ward.timezone)
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return [
        {"label": _("This week"), "first": monday, "last": today},
        {"label": _("Last week"), "first": monday - timedelta(days=7), "last": monday - timedelta(days=1)},
        {"label": _("This month"), "first": month, "last": today},
        {"label": _("Last month"), "first": before.replace(day=1), "last": before},
    ]
