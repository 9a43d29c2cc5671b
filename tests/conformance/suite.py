"""Every story of dbt-tests-adapter, as classes that pytest finds.

The package's Base classes are stories that any adapter should be able to tell. `stories` makes a Test class of each; an
adapter's file (test_duckdb.py, test_postgres.py) takes them all, and writes out only those that need a fixture of their
own.
"""
import importlib
import inspect
import pathlib

import dbt.tests.adapter

PACKAGE = pathlib.Path(dbt.tests.adapter.__path__[0])

# What others build upon; it has test functions, but is no story by itself.
FOUNDATIONS = {
    "BaseArrayUtils", "BaseCachingTest", "BaseConstraintsColumnsEqual", "BaseContractSqlHeader", "BaseCurrentTimestamp",
    "BaseDataTypeMacro", "BaseUtils", "UDAFBase",
}


def is_story(name, member, module):
    if not inspect.isclass(member) or member.__module__ != module.__name__ or name in FOUNDATIONS or name.startswith("_"):
        return False
    if not any(function.startswith("test_") for function in dir(member)):
        return False
    # The package's own Test classes are its run of the Base classes, unless they add something.
    return not name.startswith("Test") or any(not key.startswith("__") for key in vars(member))


def stories(file):
    """{"TestX": class} for the module named `file`. Two stories of one name are told apart by their folder's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("dbt.tests.adapter", *path.relative_to(PACKAGE).with_suffix("").parts))
        module = importlib.import_module(name)
        for key, member in list(vars(module).items()):
            if is_story(key, member, module):
                test = "Test" + key.removeprefix("Base").removeprefix("Test")
                test += f"_{path.parent.name}" if test in found else ""
                found[test] = type(test, (member,), {"__module__": file, "__test__": True})
    return found
