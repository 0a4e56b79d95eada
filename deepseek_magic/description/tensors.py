"""Describe tensors of torch: shape, type, device and a sample. The graph is not touched and nothing large is copied."""

from __future__ import annotations

from typing import Any

from .brief import brief
from .classes import type_name
from .ranges import numbers
from .registry import describes
from .task import Task

# Reductions run only on the CPU: on another device they would wait for the work that is queued there.
_MOST_NUMBERS = 4_000_000


def _shape(tensor: Any) -> str:
    return f"shape {tuple(tensor.shape)}, {tensor.dtype}"


@describes("torch.Tensor", "torch.nn.parameter.Parameter", size=_shape, foreign=True)
def describe_tensor(tensor: Any, task: Task) -> str:
    """Describe a tensor: shape, dtype, device, whether it requires gradients, range and the first values."""
    head = f"torch {type_name(tensor)}, {_shape(tensor)}, device {tensor.device}"
    if tensor.requires_grad:
        head += ", requires_grad"
    lines = [head]
    if str(tensor.layout) != "torch.strided" or tensor.device.type == "meta":
        return f"{head}, layout {tensor.layout}; values not looked at"
    plain = tensor.detach()
    values = _values(plain)
    if values:
        lines.append(f"values: {values}")
    count = int(tensor.numel())
    if count:
        # The first row along the last axis: flattening a tensor with odd strides would copy all of it.
        row = plain[(0,) * (len(tensor.shape) - 1)][:10] if len(tensor.shape) else plain
        more = " …" if count > 10 else ""
        lines.append(f"starts: {brief(row.tolist(), 200, task)}{more}")
    return "\n".join(lines)


def _values(plain: Any) -> str:
    count = int(plain.numel())
    dtype = str(plain.dtype)
    if (
        plain.device.type != "cpu"
        or not 0 < count <= _MOST_NUMBERS
        or not dtype.startswith(("torch.float", "torch.int"))
    ):
        return ""
    low, high = plain.min().item(), plain.max().item()
    return numbers(low, high, float(plain.double().mean().item()))[0]
