"""What a hostile reply might do in a page, as far as it can be seen from outside."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request

# What a reply may consist of: the renderer's elements, our wrappers, and what MathJax makes of formulas.
_FOREIGN_ELEMENTS = """
last => {
    const found = [];
    const allowed = new Set(("P BR HR H1 H2 H3 H4 H5 H6 STRONG EM B I DEL SUB SUP KBD CODE PRE BLOCKQUOTE UL OL LI "
        + "TABLE CAPTION THEAD TBODY TR TH TD A SPAN DIV DETAILS SUMMARY S U").split(" "));
    const attributes = new Set(("class style href title target rel align start dir role scope open tabindex "
        + "aria-label aria-hidden aria-live data-language inert").split(" "));
    for (const root of [...document.querySelectorAll(".deepseek")].slice(-last)) {
        for (const element of root.querySelectorAll("*")) {
            if (element.closest("mjx-container")) {
                if (element.matches("script,img,iframe,object,form,input,button,svg a[href^='javascript']"))
                    found.push("in maths: " + element.outerHTML.slice(0, 120));
                continue;
            }
            if (element.matches(".jp-InternalAnchorLink")) continue;  // the lab's own, beside a heading
            if (!allowed.has(element.tagName)) found.push("element: " + element.outerHTML.slice(0, 120));
            for (const attribute of element.attributes)
                if (!attributes.has(attribute.name))
                    found.push("attribute: " + attribute.name + " of " + element.outerHTML.slice(0, 120));
            const linked = element.tagName === "A" && element.hasAttribute("href");
            // an address that is none has the protocol ":", and leads nowhere
            if (linked && ![":", "http:", "https:", "mailto:"].includes(element.protocol))
                found.push("link: " + element.outerHTML.slice(0, 120));
            const style = element.getAttribute("style") || "";
            if (/url\\(|position|fixed|z-index|expression/i.test(style)) found.push("style: " + style.slice(0, 120));
        }
    }
    return found;
}
"""
_PAGE_EFFECTS = """
() => {
    const found = [];
    if (window.hostile !== undefined) found.push("script ran");
    for (const frame of document.querySelectorAll("iframe, object, embed, form, video, audio, base, meta[http-equiv]"))
        if (frame.closest(".jp-OutputArea-output")) found.push("element: " + frame.outerHTML.slice(0, 120));
    for (const element of document.querySelectorAll(".jp-OutputArea-output *")) {
        if (element.matches("[data-commandlinker-command]")) found.push("command: " + element.outerHTML.slice(0, 120));
        if (element.matches("style, link[rel]") && !element.closest("mjx-container"))
            found.push("style: " + element.outerHTML.slice(0, 120));
        if (getComputedStyle(element).position === "fixed") found.push("overlay: " + element.outerHTML.slice(0, 120));
        if (element.matches("a[href^='javascript:' i]")) found.push("link: " + element.outerHTML.slice(0, 120));
    }
    return found;
}
"""


# What the applications themselves ask their server for, by the kind of request: what makes a page, never what stands in
# a reply. Requests of scripts are not told apart, but no script of a reply may run.
_OWN = {
    "document": re.compile(r"/(?:lab/tree|notebooks)/[a-z]+\.ipynb$"),
    "script": re.compile(r"/(?:static|lab/extensions)/"),
    "stylesheet": re.compile(r"/(?:static|lab/extensions|lab/api/themes)/|/custom/custom\.css$"),
    "font": re.compile(r"/(?:static|lab/extensions)/"),
    "image": re.compile(r"/(?:static/favicons|kernelspecs)/"),
    "other": re.compile(r"/static/favicons/"),
    **dict.fromkeys(("fetch", "xhr", "websocket"), re.compile(r"/(?:api|lab/api|lsp)/")),
}
_EXPORTED = re.compile(r"https://cdnjs\.cloudflare\.com/ajax/libs/")


class Watch:
    """Notes every request of a browser context that the application at ``home`` would not make by itself.

    ``home`` is the server's URL, or the file that nbconvert made, which asks for its scripts elsewhere.
    """

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self._home = home
        context.on("request", self._noted)
        context.on("dialog", self._asked)

    def _noted(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:", "about:")) and not self._own(request):
            self.requests.append(f"{request.resource_type} {request.url}"[:200])

    def _own(self, request: Request) -> bool:
        kind = request.resource_type
        if kind == "document" and request.frame.parent_frame is not None:
            return False
        if self._home.startswith("file:"):
            return request.url == self._home or (kind == "script" and _EXPORTED.match(request.url) is not None)
        address = urlsplit(request.url)
        at_home = request.url.startswith(f"{self._home}/")
        return at_home and kind in _OWN and _OWN[kind].match(address.path) is not None

    def _asked(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":
            self.dialogs.append(dialog.message)
        dialog.dismiss()


def effects(page: Page, watch: Watch) -> list[str]:
    """Return what replies have done to ``page`` so far; empty if nothing."""
    page.wait_for_timeout(1500)  # an effect may take its time
    done: list[str] = page.evaluate(_PAGE_EFFECTS)
    return [*watch.requests, *watch.dialogs, *done]


def foreign_elements(page: Page, last: int = 100_000) -> list[str]:
    """Return every element, attribute, link or style inside the ``last`` replies that we would not make."""
    found: list[str] = page.evaluate(_FOREIGN_ELEMENTS, last)
    return found
