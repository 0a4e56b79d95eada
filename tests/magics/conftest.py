"""A kernel for each module of tests, and a server that it asks; the key is looked for in all that either wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import FaultServer
from tests.kernel import Kernel, assert_no_file_holds_the_key, assert_secret
from tests.magics.contexts import begin


@pytest.fixture(scope="module")
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with the variables that the module names in KERNEL_ENVIRONMENT."""
    more: dict[str, str] = getattr(request.module, "KERNEL_ENVIRONMENT", {})
    with Kernel(tmp_path_factory.mktemp("home"), **more) as kernel:
        yield kernel
        assert_no_file_holds_the_key(kernel)


@pytest.fixture
def server(request: pytest.FixtureRequest, kernel: Kernel) -> Iterator[FaultServer]:
    """A server that the kernel asks, in a session of no cells and no names unless the module says otherwise."""
    with FaultServer() as server:
        if getattr(request.module, "FRESH_SESSION", True):
            begin(kernel, server)
        else:
            kernel.fresh(server.url)
        yield server
        assert_secret(kernel, server)


@pytest.fixture
def loaded(kernel: Kernel) -> Kernel:
    """The kernel with the extension, and an endpoint at which nobody listens."""
    kernel.fresh("http://127.0.0.1:9")
    return kernel
