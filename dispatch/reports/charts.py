"""One chart a question: titles, labels and series for components/chart.html."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from dispatch.reports.statistics import Figures, a_day

if TYPE_CHECKING:
    from dispatch.reports.views import Report

Chart = dict[str, Any]
MOST_STANDING, LONGEST_UNDER_A_BAR = 5, 16  # letters


def group_names() -> dict[str, str]:
    """What statistics can be split by."""
    return {
        "leg": _("Leg"),
        "channel": _("Channel"),
        "procedure": _("Procedure"),
        "neighbourhood": _("Neighbourhood"),
    }


def value_name(grouping: str, value: str) -> str:
    """A group's name on screen."""
    names = {
        "collect": _("Collecting dossiers"),
        "return": _("Returning results"),
        "hotline": _("Hotline"),
        "fanpage": _("Fanpage"),
        "": _("Not known"),
    }
    return names.get(value, value) if grouping != "procedure" else value


def reason_name(reason: str) -> str:
    """Why a visit did not work, in words."""
    return {
        "nobody_home": _("Nobody at home"),
        "wrong_address": _("Wrong address"),
        "papers_not_ready": _("Papers not ready"),
        "refused": _("Citizen changed their mind"),
        "unsafe": _("Not safe"),
        "closed_road": _("Road closed"),
        "vehicle": _("Vehicle broke down"),
    }.get(reason, _("Another reason"))


def all_charts(report: "Report", grouping: str) -> list[Chart]:
    """The page's charts, in the order in which a chairman asks."""
    groups = report.groups[grouping]
    return [
        _requests_a_day(report),
        _completed_a_day(report),
        _grouped(_("How many visits succeed at the first try?"), "%", grouping, groups, lambda f: f.first_try.percent),
        _grouped(_("How many arrive within the promised window?"), "%", grouping, groups, lambda f: f.on_time.percent),
        _grouped(
            _("How long from the request until the papers are collected?"),
            _("hours, median"),
            grouping,
            groups,
            lambda f: f.to_collection_h,
        ),
        _grouped(
            _("How long from the result until it is at the door?"),
            _("hours, median"),
            grouping,
            groups,
            lambda f: f.to_return_h,
        ),
        _failures(report),
    ]


def _chart(title: str, kind: str, labels: Iterable[str], series: list[dict[str, Any]], **more: str) -> Chart:
    return {"title": title, "kind": kind, "labels": list(labels), "series": series, **more}


def _requests_a_day(report: "Report") -> Chart:
    channels = sorted({channel for _at, channel, _p, _n in report.requests})
    days = {c: a_day((at for at, channel, _p, _n in report.requests if channel == c), report.period) for c in channels}
    series = [{"name": value_name("channel", c), "values": list(days[c].values())} for c in channels]
    labels = [f"{day:%d/%m}" for day in a_day([], report.period)]
    return _chart(_("How many requests come in a day?"), "stacked", labels, series, heading=_("Day"))


def _completed_a_day(report: "Report") -> Chart:
    done = [visit for visit in report.visits if visit.state == "done"]
    series = [
        {
            "name": value_name("leg", leg),
            "values": list(a_day((v.finished_at for v in done if v.leg == leg), report.period).values()),
        }
        for leg in ("collect", "return")
    ]
    labels = [f"{day:%d/%m}" for day in a_day([], report.period)]
    return _chart(_("How many visits are completed a day?"), "stacked", labels, series, heading=_("Day"))


def _grouped(
    title: str, unit: str, grouping: str, groups: dict[str, Figures], value: Callable[[Figures], float | None]
) -> Chart:
    shown = {name: value(figures) for name, figures in groups.items()}
    present = {name: round(number, 1) for name, number in shown.items() if number is not None}
    labels = [value_name(grouping, name) for name in present]
    series = [{"name": group_names()[grouping], "values": list(present.values())}] if present else []
    return _chart(title, _kind(labels), labels, series, unit=unit, heading=group_names()[grouping])


def _failures(report: "Report") -> Chart:
    labels = [reason_name(reason) for reason in report.failures]
    series = [{"name": _("Visits"), "values": list(report.failures.values())}] if labels else []
    return _chart(_("Why does a visit not work?"), _kind(labels), labels, series, heading=_("Reason"))


def _kind(labels: list[str]) -> str:
    """Standing bars, or lying ones where the names would not fit under them."""
    return "lying" if len(labels) > MOST_STANDING or max(map(len, labels), default=0) > LONGEST_UNDER_A_BAR else "bar"
