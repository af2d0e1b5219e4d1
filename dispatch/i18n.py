"""Words on screen: English in code, Vietnamese first on screen, from a catalogue a feature."""

from pathlib import Path

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from dispatch.assets.catalogues import compile_catalogues

LOCALES = ("vi", "en")
HERE = Path(__file__).parent


def configure_i18n(app: Flask) -> None:
    """Load every feature's catalogue; the page's language is the person's choice, else Vietnamese."""
    compile_catalogues(HERE.parent)
    folders = sorted(str(path.parent.parent.parent) for path in HERE.rglob("translations/vi/LC_MESSAGES/*.po"))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(folders)
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    Babel(app, locale_selector=chosen_locale, timezone_selector=ward_timezone)
    app.jinja_env.add_extension("jinja2.ext.i18n")


def chosen_locale() -> str:
    """`vi`, or `en` where this browser asked for it on the page's language switch."""
    chosen = request.cookies.get("language", "vi") if has_request_context() else "vi"
    return chosen if chosen in LOCALES else "vi"


def ward_timezone() -> str:
    """Times are shown as the ward's wall clocks show them."""
    ward = g.get("ward")
    return ward.timezone if ward is not None else "Asia/Ho_Chi_Minh"
