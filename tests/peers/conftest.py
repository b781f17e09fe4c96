"""Marks the tests of this folder: they speak with independent programs, and those of one module share one worker."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.peers)
            if item.get_closest_marker("xdist_group") is None:
                # A peer that a module starts once is not started by each worker.
                item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))
