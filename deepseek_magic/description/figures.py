"""Describe figures of matplotlib and images of Pillow: what is drawn, not the pixels."""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import counted, one_line

from .brief import brief
from .classes import type_name
from .fitting import number
from .ranges import figure, span
from .registry import describes
from .task import Task

_MOST_AXES = 12
_MOST_LINES = 8


def _figure_size(value: Any) -> str:
    return f"with {len(value.axes)} axes"


@describes("matplotlib.figure.Figure", "matplotlib.figure.SubFigure", size=_figure_size, foreign=True)
def describe_figure(value: Any, task: Task) -> str:
    """Describe a figure: its title, and its axes with titles, labels, ranges, legend and what is drawn."""
    title = getattr(value, "_suptitle", None)
    named = f", title {brief(title.get_text(), 100, task)}" if title is not None else ""
    head = f"matplotlib {type_name(value)} with {len(value.axes)} axes{named}"
    lines = [line for axes in value.axes[:_MOST_AXES] for line in _axes_lines(axes, task)]
    return task.lines(head, lines)


@describes("matplotlib.axes._axes.Axes", "matplotlib.axes._base._AxesBase", foreign=True)
def describe_axes(value: Any, task: Task) -> str:
    """Describe axes: title, labels, ranges, legend and what is drawn."""
    lines = _axes_lines(value, task)
    return task.lines(f"matplotlib {type_name(value)}", lines)


def _axes_lines(axes: Any, task: Task) -> list[str]:
    def text(value: str) -> str:
        return brief(value, 100, task)

    lines = [f"axes {text(axes.get_title())}" if axes.get_title() else "axes without a title"]
    for axis, limits in (("x", axes.get_xlim()), ("y", axes.get_ylim())):
        label = getattr(axes, f"get_{axis}label")()
        scale = getattr(axes, f"get_{axis}scale")()
        lines.append(f"  {axis}: {text(label) if label else 'no label'}, {span(*map(float, limits))}, {scale}")
    legend = axes.get_legend()
    if legend is not None:
        lines.append("  legend: " + ", ".join(text(entry.get_text()) for entry in legend.get_texts()[:20]))
    lines += [_line(line, task) for line in axes.lines[:_MOST_LINES]]
    drawn = [
        f"{number(len(each))} {nouns}" if len(each) else ""
        for each, nouns in ((axes.lines[_MOST_LINES:], "more lines"), (axes.patches, "patches (bars or areas)"))
    ]
    drawn += [_collection(each) for each in axes.collections[:_MOST_LINES]]
    drawn += [f"image of shape {tuple(each.get_array().shape)}" for each in axes.images[:_MOST_LINES]]
    drawn += [f"text {text(each.get_text())}" for each in axes.texts[:_MOST_LINES]]
    return lines + [f"  {each}" for each in drawn if each]


def _line(line: Any, task: Task) -> str:
    label = str(line.get_label())
    points = line.get_xydata()
    named = "" if label.startswith("_") else f" {brief(label, 60, task)}"
    text = f"  line{named} of {counted(len(points), 'point')}"
    if not len(points):
        return text
    ends = f"from ({figure(float(points[0][0]))}, {figure(float(points[0][1]))})"
    return f"{text} {ends} to ({figure(float(points[-1][0]))}, {figure(float(points[-1][1]))})"


@describes("matplotlib.lines.Line2D", foreign=True)
def describe_line(value: Any, task: Task) -> str:
    """Describe a line: its label, its points, and how it is drawn."""
    style = f"color {value.get_color()}, style {value.get_linestyle()}, marker {value.get_marker()}"
    return f"matplotlib {type_name(value)}:{_line(value, task).removeprefix('  line')}, {one_line(style, 120)}"


def _collection(value: Any) -> str:
    return f"{type_name(value)} of {counted(len(value.get_offsets()), 'point')}"


def _image_size(value: Any) -> str:
    return f"{value.size[0]} × {value.size[1]} {value.mode}"


@describes("PIL.Image.Image", size=_image_size, foreign=True)
def describe_image(value: Any, _task: Task) -> str:
    """Describe an image: size, mode, format. Its pixels are not loaded."""
    width, height = value.size
    kind = f", format {value.format}" if value.format else ""
    return f"PIL image ({type_name(value)}), {width} × {height} pixels, mode {value.mode}{kind}"
