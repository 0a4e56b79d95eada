"""Read the key from the secrets of Colab or Kaggle, by their documented calls.

Sources: ``google.colab.userdata`` (https://colab.research.google.com, "Secrets") and ``kaggle_secrets``
(https://www.kaggle.com/docs). They were tested against modules of the same form, not on those services.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.keys import Sealed, Secret, checked_key

from .found import HOST, NAME, NOTHING, FoundKey

_COLAB = "the Colab secret DEEPSEEK_API_KEY"
_KAGGLE = "the Kaggle secret DEEPSEEK_API_KEY"
# The names of their errors if the secret exists and this notebook may not read it.
_CLOSED = ("NotebookAccessError", "CredentialError", "TimeoutException")


def look(environ: Mapping[str, str]) -> FoundKey:
    """Return the key that the hosting service keeps for the user.

    Args:
        environ: the environment, which identifies the service.
    """
    if "google.colab" in sys.modules:
        return _asked(_colab, _COLAB, "switch on its notebook access (the key icon on the left)")
    if "KAGGLE_KERNEL_RUN_TYPE" in environ:
        return _asked(_kaggle, _KAGGLE, "attach it to this notebook (Add-ons, Secrets)")
    return NOTHING


def _colab() -> Secret:
    return Secret(import_module("google.colab.userdata").get(NAME) or "")


def _kaggle() -> Secret:
    return Secret(import_module("kaggle_secrets").UserSecretsClient().get_secret(NAME) or "")


def _asked(get: Callable[[], Secret], source: str, remedy: str) -> FoundKey:
    try:
        with Sealed():
            secret = get()
            return FoundKey(checked_key(secret, f"https://{HOST}", source)) if secret else NOTHING
    except ConfigurationError as error:
        return FoundKey(refused=str(error))
    except Exception as error:  # noqa: BLE001  # their errors have no common base; usually there is no such secret
        if type(error).__name__ not in _CLOSED:
            return NOTHING
        kind = type(error).__name__
    return FoundKey(refused=f"{source} was not given ({kind}): {remedy}")
