"""How a reply looks to its reader, as the browser computed it: contrast, overflow, direction."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

# WCAG 2.2, 1.4.3 and its definition of relative luminance. Colours are read back from a canvas, which knows every
# notation; backgrounds are laid over each other up to the first opaque one.
_FAINT = """
([least, within]) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    const known = new Map();
    const rgba = colour => {
        if (!known.has(colour)) {
            context.clearRect(0, 0, 1, 1);
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
            known.set(colour, [r, g, b, a / 255]);
        }
        return known.get(colour);
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const background = element => {
        const layers = [];
        let below = [255, 255, 255];
        for (let at = element; at; at = at.parentElement) {
            const layer = rgba(getComputedStyle(at).backgroundColor);
            if (layer[3] === 1) { below = layer.slice(0, 3); break; }
            if (layer[3] > 0) layers.unshift(layer);
        }
        return layers.reduce((done, layer) => over(layer, done), below);
    };
    const opacity = element => element ? +getComputedStyle(element).opacity * opacity(element.parentElement) : 1;
    const luminance = colour => {
        const [r, g, b] = colour.map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const shown = [];
    for (const root of (within || document).querySelectorAll(".deepseek")) {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (node.data.trim() && !node.parentElement.closest("mjx-assistive-mml"))
                shown.push([node.parentElement, node.data.trim()]);
        for (const glyph of root.querySelectorAll("mjx-c")) shown.push([glyph, "formula"]);
    }
    const found = new Map();
    let counted = 0;
    for (const [element, text] of shown) {
        if (!element.checkVisibility()) continue;
        counted += 1;
        const behind = background(element);
        const [r, g, b, a] = rgba(getComputedStyle(element).color);
        const pair = [luminance(over([r, g, b, a * opacity(element)], behind)), luminance(behind)];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        const key = `${getComputedStyle(element).color} on ${behind.map(Math.round)}`;
        if (ratio < least && !found.has(key)) found.set(key, `${ratio.toFixed(2)} ${key}: ${text.slice(0, 40)}`);
    }
    return {counted, faint: [...found.values()]};
}
"""
_OVERFLOW = """
() => {
    const found = [];
    for (const box of [document.documentElement, ...document.querySelectorAll(".jp-WindowedPanel-outer"),
                       ...document.querySelectorAll(".jp-OutputArea-output, .deepseek")])
        if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth)
            found.push(`${box.className || box.tagName} ${box.scrollWidth} in ${box.clientWidth}`);
    return found;
}
"""
# What a reader, or a screen reader, finds in one reply.
_FACTS = """
root => {
    const all = selector => [...root.querySelectorAll(selector)].filter(found => found.checkVisibility());
    const top = root.getBoundingClientRect().top;
    const style = element => getComputedStyle(element);
    const text = element => element.textContent.trim().slice(0, 30);
    const height = element => +(element.getBoundingClientRect().top - top).toFixed(0);
    const goes_on = ({parentElement: box}) => box.matches(".deepseek-code") && style(box).borderTopWidth === "0px";
    return {
        text: root.innerText,
        blocks: all("h1, h2, h3, p, li, pre, blockquote")
            .filter(found => !found.closest("details") && !goes_on(found))
            .map(found => [text(found), height(found)]),
        code: all(".deepseek-code span").map(found => [text(found), height(found)]),
        directions: all("h2, p, li, pre, pre code, p code, td")
            .map(found => [found.localName, text(found), style(found).direction, style(found).textAlign]),
        columns: all("tr").map(row => [...row.cells].slice(0, 3).map(cell => style(cell).textAlign)),
        scrolling: all("pre, .deepseek-table, p, ul").filter(box => box.scrollWidth > box.clientWidth)
            .map(box => [box.localName, style(box).overflowX]),
        languages: all(".deepseek-language").map(text),
        formulas: root.querySelectorAll("mjx-container").length,
        broken_formulas: root.querySelectorAll("mjx-merror").length,
        status: all("[role=status]").map(text),
        notices: all(".deepseek-notice").map(found => found.textContent),
        notes: all("[role=note]").map(found => found.textContent),
        boxes: all(".deepseek-code").map(box => [box, box.querySelector("pre"), box.querySelector("code")]).map(
            ([box, pre, code]) => [
                style(box).borderLeftWidth, style(pre).overflowX, style(pre).whiteSpace, style(code).whiteSpace]),
        keywords: all(".deepseek-code .k").map(found => [text(found), style(found).color]),
        edges: all(".deepseek, .deepseek-reasoning div, .widget-vbox").map(found => style(found).borderLeftWidth),
        links: all("a[target]").map(found => style(found).textDecorationLine),
        thinking: [...root.querySelectorAll("details.deepseek-reasoning")].map(found => found.open),
        headers: all("th").map(found => found.scope),
    };
}
"""


def faint(page: Page, within: Locator | None = None, least: float = 4.5) -> list[str]:
    """Return each pair of colours in the replies of ``page`` whose contrast is below ``least``, with an example.

    Only replies ``within`` an element are looked at, where one is given.
    """
    seen: dict[str, Any] = page.evaluate(_FAINT, [least, None if within is None else within.element_handle()])
    assert seen["counted"] > 0, "there is no text to look at"
    return list(seen["faint"])


def overflowing(page: Page) -> list[str]:
    """Return what is wider than its place: the page, the notebook, an output, a reply."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


def facts(reply: Locator) -> dict[str, Any]:
    """Return what there is to see in one reply, and where."""
    found: dict[str, Any] = reply.evaluate(_FACTS)
    return found
