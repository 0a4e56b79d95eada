"""Values of other libraries that the tests install."""

from __future__ import annotations

import datetime
from typing import Any, Generic, TypeVar

import attrs
import dask
import httpx
import matplotlib.lines
import pydantic
import requests
from matplotlib.figure import Figure
from PIL import Image

from . import Values

Item = TypeVar("Item")


class Address(pydantic.BaseModel):
    city: str
    code: str = "00100"


class Person(pydantic.BaseModel):
    name: str
    home: Address
    others: list[Address] = []
    by_year: dict[int, Address] = {}


class Page(pydantic.BaseModel, Generic[Item]):
    items: list[Item]
    total: int


class Words(pydantic.RootModel[list[str]]):
    pass


@pydantic.dataclasses.dataclass
class Trip:
    day: datetime.date
    to: Address


@attrs.define
class Sensor:
    name: str
    rate: float = 0.5


def person() -> Person:
    home = Address(city="Rome")
    return Person(name="Ada", home=home, others=[Address(city="Oslo")], by_year={2026: home})


def response(status: int = 404, body: bytes = b'{"error": "no such shop"}', kind: str = "application/json") -> Any:
    made = requests.Response()
    made.status_code, made.reason, made.url, made.encoding = status, "Not Found", "https://shop.org/v1/a", "utf-8"
    made.headers.update({"Content-Type": kind, "Authorization": "Bearer hush-hush-hush"})
    made._content = body
    return made


def unread() -> Any:
    made = response()
    made._content, made._content_consumed = False, False
    return made


def httpx_response() -> Any:
    request = httpx.Request("GET", "https://shop.org/v1/b", headers={"Authorization": "Bearer hush-hush-hush"})
    return httpx.Response(503, text="try again later", request=request)


def prepared() -> Any:
    headers = {"Authorization": "Bearer hush-hush-hush"}
    return requests.Request("POST", "https://shop.org/v1/c", headers=headers, json={"a": 1}).prepare()


def axes() -> Any:
    made = Figure().subplots()
    made.set_title("Sales")
    made.plot([1, 2, 3], [4, 5, 6], label="profit", color="red", linestyle="--")
    return made


def bars() -> Any:
    return Figure().subplots().bar(["a", "b"], [3, 5])


VALUES: Values = {
    "figure": (lambda: axes().figure, ("Figure", "1 axes", "'Sales'", "'profit'", "3 points", "(1, 4) to (3, 6)")),
    "axes": (axes, ("Axes", "'Sales'", "'profit'")),
    "line": (lambda: axes().lines[0], ("Line2D", "profit", "3 points", "(1, 4)", "(3, 6)", "red")),
    "line without label": (lambda: matplotlib.lines.Line2D([0, 2], [1, 3]), ("Line2D", "2 points", "(2, 3)")),
    "bars": (bars, ("BarContainer", "2")),
    "bar": (lambda: bars()[0], ("Rectangle", "height=3")),
    "image": (lambda: Image.new("RGB", (640, 480)), ("640 × 480", "RGB")),
    "response": (
        response,
        ("404", "Not Found", "https://shop.org/v1/a", "application/json", "25 bytes", "no such shop"),
    ),
    "large response": (
        lambda: response(200, b"<html>" + b"x" * 90_000, "text/html"),
        ("200", "text/html", "90,006 bytes", "<html>", "https://shop.org/v1/a"),
    ),
    "binary response": (
        lambda: response(200, b"\x89PNG\x00\x00" * 900, "image/png"),
        ("200", "image/png", "5,400 bytes"),
    ),
    "response not read": (unread, ("404", "https://shop.org/v1/a", "not read")),
    "httpx response": (httpx_response, ("503", "https://shop.org/v1/b", "text/plain", "15 bytes", "try again later")),
    "prepared request": (prepared, ("POST", "https://shop.org/v1/c")),
    "request": (lambda: requests.Request("PUT", "https://shop.org/v1/d"), ("PUT", "https://shop.org/v1/d")),
    "session": (requests.Session, ("Session",)),
    "model": (lambda: Address(city="Rome"), ("Address", "city: 'Rome'", "code: '00100'")),
    "nested model": (person, ("Person", "name: 'Ada'", "city='Rome'", "Oslo", "2026")),
    "list of models": (lambda: [Address(city=f"c{n}") for n in range(30)], ("list of 30", "Address", "city='c0'")),
    "dict of models": (lambda: {"here": Address(city="Rome")}, ("here", "Address", "city='Rome'")),
    "generic model": (lambda: Page[Address](items=[Address(city="Rome")], total=1), ("Rome", "total: 1")),
    "root model": (lambda: Words(["a", "b"]), ("Words", "['a', 'b']")),
    "pydantic data class": (
        lambda: Trip(datetime.date(2026, 1, 2), Address(city="Rome")),
        ("Trip", "2026, 1, 2", "city='Rome'"),
    ),
    "model class": (lambda: Person, ("Person", "name: str", "home: Address")),
    "model class without source": (
        lambda: pydantic.create_model("Made", size=(int, 3), label=(str, ...)),
        ("Made", "size: int", "label: str"),
    ),
    "attrs": (lambda: Sensor("t1"), ("Sensor", "name='t1'", "rate=0.5")),
    "delayed": (lambda: dask.delayed(sum)([1, 2]), ("Delayed", "sum")),
    "httpx client": (httpx.Client, ("Client",)),
    "httpx URL": (lambda: httpx.URL("https://a.org/b"), ("https://a.org/b",)),
}
