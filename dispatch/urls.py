"""The whole address table in one place: which feature answers under which path."""

from importlib import import_module

from flask import Flask

# feature module -> prefix; each module has a `blueprint`
FEATURES = {
    "dispatch.accounts.views": "",
    "dispatch.wards.views": "/cai-dat",
    "dispatch.wards.procedures": "/cai-dat/thu-tuc",
    "dispatch.accounts.staff": "/cai-dat/tai-khoan",
    "dispatch.wards.maps": "/ban-do",
    "dispatch.wards.roads": "/ban-do/duong",
    "dispatch.duty.volunteers": "/tinh-nguyen-vien",
    "dispatch.duty.views": "/truc",
    "dispatch.duty.month_pages": "/truc/thang",
    "dispatch.places.views": "/dia-diem",
    "dispatch.intake.views": "/tiep-nhan",
    "dispatch.intake.inbox": "/hop-thu",
    "dispatch.dossiers.views": "/ho-so",
    "dispatch.dossiers.visits": "/ho-so",
    "dispatch.office.views": "/mot-cua",
    "dispatch.planning.views": "/ke-hoach",
    "dispatch.planning.board": "/dieu-phoi",
    "dispatch.field.views": "",
    "dispatch.custody.phone": "/tuyen",
    "dispatch.live.views": "/tuyen",
    "dispatch.custody.views": "/ban-giao",
    "dispatch.custody.office": "/ban-giao",
    "dispatch.field.installed": "",
    "dispatch.custody.hotline": "/ban-giao",
    "dispatch.citizens.calls": "/can-goi",
    "dispatch.tracking.views": "/tra-cuu",
    "dispatch.citizens.webhooks": "/webhook",
    "dispatch.reports.views": "/bao-cao",
    "dispatch.reports.pace": "/bao-cao/duong-di",
    "dispatch.tasks.views": "/viec-nen",
    "dispatch.demo.views": "/demo",
}


def configure_urls(app: Flask) -> None:
    """Register every feature's blueprint."""
    for module, prefix in FEATURES.items():
        app.register_blueprint(import_module(module).blueprint, url_prefix=prefix)
