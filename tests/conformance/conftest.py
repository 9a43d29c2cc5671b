"""What every story of the suite gets: a target, a project, and dbt or, where PLUMB_PROGRAM names it, plumb in its place.

README.md tells how it is run.
"""
import collections
import inspect
import os
import pathlib

import pytest

import suite

PROGRAM = os.environ.get("PLUMB_PROGRAM")
if PROGRAM:
    import shim  # before any story imports run_dbt

    shim.install(PROGRAM)

pytest_plugins = ["dbt.tests.fixtures.project"]


def pytest_collection_modifyitems(items):
    """A file's NOT_APPLICABLE says why a class ("TestX") or one of its tests ("TestX::test_y") tells nothing here."""
    for item in items:
        reasons = {**(suite.ABOUT_PYTHON if PROGRAM else {}), **item.module.NOT_APPLICABLE}
        name = item.cls.__name__
        reason = reasons.get(name) or reasons.get(f"{name}::{item.originalname}") or reasons.get(f"{name}::{item.name}")
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_addoption(parser):
    parser.addoption("--floor", type=int, default=0, help="fail when fewer stories pass")


def pytest_terminal_summary(terminalreporter, config):
    """One line for the adapter; and why some do not apply."""
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    skipped = stats.get("skipped", [])
    reasons = collections.Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    terminalreporter.write_line("")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"not applicable, {count}: {reason}")
    name = "plumb" if PROGRAM else "dbt"
    terminalreporter.write_line(f"{name}: {passed} passed, {failed} failed, {len(skipped)} not applicable")
    if passed < config.getoption("--floor"):
        terminalreporter.write_line(f"fewer passed than the {config.getoption('--floor')} of tests/conformance/floor")


def pytest_sessionfinish(session, exitstatus):
    """Known failures do not fail the run; a count below the floor does."""
    floor = session.config.getoption("--floor")
    passed = len(session.config.pluginmanager.get_plugin("terminalreporter").stats.get("passed", []))
    if floor and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        session.exitstatus = pytest.ExitCode.OK if passed >= floor else pytest.ExitCode.TESTS_FAILED


def file_of_story(cls):
    """Where the package has the class that tells the story; its data is beside it."""
    story = next(base for base in cls.__mro__ if base.__module__.startswith("dbt.tests.adapter"))
    return pathlib.Path(inspect.getfile(story))


@pytest.fixture(scope="class")
def unique_schema(request, prefix):
    """As the package has it, where a story's schema bears the name of the story's file."""
    return f"{prefix}_{file_of_story(request.cls).stem}"


@pytest.fixture(scope="class")
def test_data_dir(request, tmp_path_factory):
    data = file_of_story(request.cls).parent / "data"
    return data if data.is_dir() else tmp_path_factory.mktemp("story") / "data"


@pytest.fixture(scope="class")
def project(project_setup, project_files, request):
    project_setup.test_dir = str(file_of_story(request.cls).parent)
    return project_setup


@pytest.fixture(scope="class")
def logs_dir(tmp_path_factory, prefix):
    folder = tmp_path_factory.mktemp("logs") / prefix
    os.environ["DBT_LOG_PATH"] = str(folder)
    yield str(folder)
    del os.environ["DBT_LOG_PATH"]
