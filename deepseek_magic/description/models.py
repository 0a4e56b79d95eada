"""Describe estimators of scikit-learn, fitted models of statsmodels, and settings of configparser."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from .brief import asked_repr, brief
from .classes import attribute, instance_dict, plain, type_name
from .containers import describe_fields
from .deadline import Unanswered
from .ranges import figure
from .registry import describes
from .task import Task

_MOST_PARAMETERS = 40
_FIGURES = ("nobs", "rsquared", "rsquared_adj", "prsquared", "f_pvalue", "llf", "aic", "bic")


@describes("sklearn.base.BaseEstimator", foreign=True)
def describe_estimator(value: Any, task: Task) -> str:
    """Describe an estimator by its repr, and a fitted one by what it learned as well."""
    held = instance_dict(value)
    learned = [(plain(name), item) for name, item in held.items() if name.endswith("_") and not name.startswith("_")]
    described = asked_repr(value, min(1_000, task.room // 2), task)
    state = _state(value, task)
    if learned:
        return describe_fields(f"{described}\n{state or 'fitted'}", learned, task)
    return f"{described}\n{state}" if state else described


def _state(value: Any, task: Task) -> str:
    """Return in words whether an estimator is fitted, by scikit-learn's own test; "" if the test cannot tell.

    A pipeline learns nothing itself, but its last step does. An estimator's test may be the user's own code.
    """
    check = getattr(sys.modules.get("sklearn.utils.validation"), "check_is_fitted", None)
    if check is None:
        return ""

    def asked() -> str:
        try:
            check(value)
        except Exception as error:  # noqa: BLE001  # only the error for an unfitted estimator has a meaning
            return "not fitted" if type(error).__name__ == "NotFittedError" else ""
        return "fitted"

    try:
        return task.ask(asked, type(value))
    except Unanswered:
        return ""


@describes("statsmodels.base.wrapper.ResultsWrapper", "statsmodels.base.model.Results", foreign=True)
def describe_results(value: Any, task: Task) -> str:
    """Describe a fitted model of statsmodels: its variables, its fit, and its parameters with their errors."""
    model = value.model
    explained = brief(getattr(model, "endog_names", "?"), 60, task)
    facts = []
    for name in _FIGURES:
        with suppress(Exception):  # not every model has each of them, and some are only computed on request
            facts.append(f"{name} {figure(float(getattr(value, name)))}")
    head = f"{type_name(value)} of {type_name(model)}, explains {explained}\n{', '.join(facts)}"
    names = list(getattr(value.params, "index", getattr(model, "exog_names", range(len(value.params)))))
    lines = [f"- {brief(name, 60, task)}:" for name in names[:_MOST_PARAMETERS]]
    for title, held in (("", "params"), (" standard error", "bse"), (" p", "pvalues")):
        with suppress(Exception):
            column = list(getattr(value, held))
            lines = [f"{line}{title} {figure(float(item))}" for line, item in zip(lines, column, strict=False)]
    return task.lines(f"{head}\nparameters:", lines, already=len(names) - len(lines))


@describes("configparser.RawConfigParser")
def describe_config(value: Any, task: Task) -> str:
    """Describe the settings of a configuration parser, section by section, before their interpolation."""
    defaults, sections = attribute(value, "_defaults"), attribute(value, "_sections")
    fields = [("DEFAULT", defaults)] if type(defaults) is dict and defaults else []
    fields += [(plain(name), held) for name, held in sections.items()] if type(sections) is dict else []
    return describe_fields(f"{type_name(value)} with sections", fields, task)


@describes("configparser.SectionProxy")
def describe_section(value: Any, task: Task) -> str:
    """Describe one section of a configuration parser."""
    sections, name = attribute(attribute(value, "_parser"), "_sections"), attribute(value, "_name")
    held = sections.get(name) if type(sections) is dict and type(name) is str else None
    return f"{type_name(value)} {brief(name, 60, task)}: {brief(held, task.room // 2, task)}"
