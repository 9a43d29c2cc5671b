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
    "BaseDataTypeMacro", "BaseUtils", "MaterializedViewChanges", "MaterializedViewChangesApplyMixin",
    "MaterializedViewChangesContinueMixin", "MaterializedViewChangesFailMixin", "UDAFBase",
}

# They look at dbt's Python objects and not at what a command does, so they tell nothing of another program.
ABOUT_PYTHON = dict.fromkeys(
    ["TestCachingLowercaseModel", "TestCachingUppercaseModel", "TestCachingSelectedSchemaOnly", "TestNoPopulateCache",
     "TestCalculateFreshnessMethod", "TestGetCatalogForSingleRelation", "TestValidateConnection", "TestValidateSqlMethod"],
    "looks at objects of dbt's Python, not at what a command does")


def is_story(name, member, module):
    if not inspect.isclass(member) or member.__module__ != module.__name__ or name in FOUNDATIONS or name.startswith("_"):
        return False
    if not any(function.startswith("test_") for function in dir(member)):
        return False
    # The package's own Test classes are its run of the Base classes, unless they add something.
    return not name.startswith("Test") or any(not key.startswith("__") for key in vars(member))


def stories(file, target=None):
    """{"TestX": class} for the module named `file`. Two stories of one name are told apart by their folder's name.

    `target` is for the stories whose hooks write down what they see of the target, and compare it to the package's own
    Postgres: {field: (what it is here, what it is there)}.
    """
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("dbt.tests.adapter", *path.relative_to(PACKAGE).with_suffix("").parts))
        module = importlib.import_module(name)
        for key, member in list(vars(module).items()):
            if is_story(key, member, module):
                test = "Test" + key.removeprefix("Base").removeprefix("Test")
                test += f"_{path.parent.name}" if test in found else ""
                bases = (HookWitness, member) if hasattr(member, "get_ctx_vars") else (member,)
                found[test] = type(test, bases, {"__module__": file, "__test__": True, "target_fields": target})
    return found


class HookWitness:
    """Compares what hooks saw of the target to this run's target, then shows the story what it expects."""

    def get_ctx_vars(self, *args, **kwargs):
        seen = super().get_ctx_vars(*args, **kwargs)
        for fields in seen if isinstance(seen, list) else [seen]:
            for field, (here, there) in self.target_fields.items():
                assert fields[field] == here
                fields[field] = there
        return seen
