"""The secrets of Colab and Kaggle, against modules of the form that each documents."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from deepseek_magic.credentials.hosted import look

VALUE = "sk-of-a-hosted-notebook-77aa"


class NotebookAccessError(Exception):
    """What Colab raises where the notebook may not read the secret."""


class SecretNotFoundError(Exception):
    """What Colab raises where there is no such secret."""


def colab(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[str]:
    asked: list[str] = []

    def get(name: str) -> object:
        asked.append(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    userdata = ModuleType("google.colab.userdata")
    userdata.get = get  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)
    return asked


def test_a_secret_of_colab_is_the_key_of_deepseek_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = colab(monkeypatch, f"Bearer {VALUE}\n")
    found = look({})
    assert found.key is not None
    assert (found.key.secret.reveal(), found.key.host) == (VALUE, "api.deepseek.com")
    assert found.key.source == "the Colab secret DEEPSEEK_API_KEY"
    assert asked == ["DEEPSEEK_API_KEY"]


def test_a_secret_that_colab_does_not_give_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    colab(monkeypatch, NotebookAccessError(VALUE))
    refused = look({}).refused
    assert "notebook access" in refused
    assert VALUE not in refused


def test_no_secret_and_no_service_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look({}).key is None
    colab(monkeypatch, SecretNotFoundError())
    assert (look({}).key, look({}).refused) == (None, "")


def test_kaggle_is_asked_where_it_runs_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    class UserSecretsClient:
        def get_secret(self, name: str) -> str:
            return {"DEEPSEEK_API_KEY": VALUE}[name]

    module = ModuleType("kaggle_secrets")
    module.UserSecretsClient = UserSecretsClient  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kaggle_secrets", module)
    assert look({}).key is None
    found = look({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"})
    assert found.key is not None
    assert found.key.source == "the Kaggle secret DEEPSEEK_API_KEY"
