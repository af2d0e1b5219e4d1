"""A page as tests look at it: its elements and forms, and the faults that no page may have."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
TYPED = frozenset({"input", "select", "textarea"})
ADDRESSES = ("href", "src", "action", "formaction")


@dataclass(eq=False)
class Element:
    """A tag with its attributes, the tags around it, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    inside: tuple["Element", ...]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")


@dataclass
class Form:
    """A form as a browser would send it untouched; `choices` are the values a field offers."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """Reads a page. `elements` in order; `crossed` are tags that close nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.crossed: list[str] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        self.crossed += [f"<{element.tag}> stays open" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1].tag == tag:
            self._open.pop()
        else:
            self.crossed.append(f"</{tag}> in <{self._open[-1].tag if self._open else ''}>")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    @property
    def words(self) -> str:
        """The text of the page's own part, on one line."""
        return " ".join(" ".join(element.text for element in self.all("main")).split())

    @property
    def addresses(self) -> list[str]:
        """Everything that a browser may ask a server for."""
        named = [element[name] for element in self.elements for name in ADDRESSES]
        data = [v for element in self.elements for n, v in element.attributes.items() if n.endswith("-url")]
        return [address for address in (*named, *data) if address]

    @property
    def forms(self) -> list[Form]:
        found: dict[int, Form] = {}
        by_id = {element["id"]: id(element) for element in self.all("form") if element["id"]}
        for element in self.elements:
            if element.tag == "form":
                found[id(element)] = Form(element["action"], (element["method"] or "get").lower())
            around = next((id(outer) for outer in reversed(element.inside) if outer.tag == "form"), None)
            form = found.get(by_id.get(element["form"]) or around or 0)
            if form is not None and element.tag in (*TYPED, "button", "option"):
                _fill(form, element)
        return list(found.values())


def _fill(form: Form, element: Element) -> None:
    if element.tag == "option":
        name = next((outer["name"] for outer in element.inside if outer.tag == "select"), "")
        kept = "selected" in element.attributes
        value = element.attributes.get("value", element.text.strip())
    else:
        name, kind = element["name"], element["type"]
        kept = kind not in ("checkbox", "radio", "submit") or "checked" in element.attributes
        kept = kept and element.tag not in ("select", "button")
        # A browser drops the line end that follows <textarea>.
        value = element.text.removeprefix("\r").removeprefix("\n") if element.tag == "textarea" else element["value"]
    if name:
        form.fields.setdefault(name, [])
        form.choices.setdefault(name, []).append(value)
        if kept:
            form.fields[name].append(value)


def faults(text: str) -> list[str]:
    """What is wrong with a page of ours, whatever it is about."""
    page = Page(text)
    return [*page.crossed, *_frame(page), *_references(page), *_labels(page), *_forms(page), *_inline(page)]


def _frame(page: Page) -> list[str]:
    found = []
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} h1")
    if [element["lang"] for element in page.all("html")] != ["vi"]:
        found.append("no lang=vi")
    titles = [element.text.strip() for element in page.all("title") if not any(o.tag == "svg" for o in element.inside)]
    if len(titles) != 1 or not titles[0]:
        found.append(f"titles {titles}")
    if len(page.all("main")) != 1:
        found.append(f"{len(page.all('main'))} main")
    return found


def _references(page: Page) -> list[str]:
    ids = [element["id"] for element in page.elements if "id" in element.attributes]
    found = [f"id {id!r} is there {ids.count(id)} times" for id in sorted(set(ids)) if ids.count(id) > 1 or not id]
    for element in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form"):
            found += [f"{name}={id!r} leads nowhere" for id in element[name].split() if id not in ids]
        if element.tag == "a" and element["href"].startswith("#") and element["href"][1:] not in ids:
            found.append(f"link to {element['href']} leads nowhere")
    return found


def _labels(page: Page) -> list[str]:
    labelled = {element["for"] for element in page.all("label") if element.text.strip()}
    found = []
    for element in page.all(*TYPED):
        wrapped = any(outer.tag == "label" and outer.text.strip() for outer in element.inside)
        said = element["aria-label"] or element["aria-labelledby"] or wrapped or element["id"] in labelled
        if not said and element["type"] not in ("hidden", "submit", "button"):
            found.append(f"{element.tag} {element['name']!r} has no label")
    for element in page.all("a", "button"):
        pictures = any(e.tag in ("img", "svg") and element in e.inside for e in page.elements)
        if not (element.text.strip() or element["aria-label"] or pictures):
            found.append(f"{element.tag} {element['href']} says nothing")
    return found


def _forms(page: Page) -> list[str]:
    found = [f"form without action: {element.attributes}" for element in page.all("form") if not element["action"]]
    for form in page.forms:
        if form.method == "post" and not any(form.fields.get("csrf_token", [])):
            found.append(f"form to {form.action} without csrf_token")
        if form.method == "get" and "csrf_token" in form.fields:
            found.append(f"form to {form.action} puts its csrf_token into the address")
    return found


def _inline(page: Page) -> list[str]:
    found = [f"<{element.tag} style>" for element in page.elements if "style" in element.attributes]
    found += [f"{n} on {e.tag}" for e in page.elements for n in e.attributes if re.fullmatch("on[a-z]+", n)]
    found += ["<style>" for _ in page.all("style")]
    scripts = (element for element in page.all("script") if not element["src"])
    return found + ["inline script" for element in scripts if element["type"] != "application/json"]
