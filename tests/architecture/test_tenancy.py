"""No query crosses from one project to another: the code is read for it, statement by statement."""

import ast
from collections.abc import Iterator
from pathlib import Path

from aivastark.accounts.metering import UsageCounter
from aivastark.accounts.models import ApiKey, KeptAnswer, Organization, RateWindow
from aivastark.accounts.people_models import (
    AuditEntry,
    Invitation,
    Login,
    Membership,
    OidcIdentity,
    OneTimeToken,
    User,
)
from aivastark.backends.search.postgres_tables import metadata as search
from aivastark.database import Base
from aivastark.migrations.tables import metadata
from aivastark.projects.models import Project
from aivastark.sources.embedding_models import EmbeddingModel
from aivastark.widgets.models import EmbedKey
from tests.architecture.code import files, functions, name, tree

# Found without a project in hand: by a secret's hash, by a public key, by a caller's address or bucket, by a person's.
DIRECTORY = {
    model.__tablename__
    for model in (
        Organization,
        ApiKey,
        EmbedKey,
        RateWindow,
        KeptAnswer,
        User,
        Membership,
        Invitation,
        Login,
        OneTimeToken,
        OidcIdentity,
        EmbeddingModel,
    )
}
OWN_FIRST_COLUMN = {
    Project.__tablename__: "organization_id",
    AuditEntry.__tablename__: "organization_id",
    UsageCounter.__tablename__: "organization_id",
}
INDEXES_ACROSS_PROJECTS = {
    "ix_jobs_run_at": "a worker takes the next job of whatever project",
    "uq_projects_id": "a project's id is unique in the install",
    "ix_webhook_deliveries_updated_at": "old deliveries of whatever project are forgotten",
    "ix_visitors_expires_at": "expired visitors of all projects are forgotten at once",
    "ix_widget_counts_touched": "old counts of all projects are forgotten at once",
}
ACROSS_PROJECTS = {
    "jobs.py: claim": "a worker takes the next job of whatever project",
    "sources/mend.py: _next": "a worker looks at the index of every source at its start",
    "sources/reembed.py: _projects": "a worker looks at its start which projects another model serves",
    "answers/reembed_questions.py: asked_in_another_model": "and which have pinned wordings of another",
    "moving/pack.py: _pack_rows": "the archive of a whole install has the files of every project",
    "moving/pack.py: _files": "of visitors too",
    "moving/index.py: _next": "and every project's sources are published on the other side",
    "jobs.py: next_due": "a worker asks when to look again, of whatever project",
    "widgets/visitors.py: forget_old_visitors": "expired visitors of all projects are forgotten at once",
    "conversations/resolution.py: settle_idle": "a schedule settles what is idle in whatever project",
    "jobs.py: release_all": "a worker that is the only one ends the leases of dead ones",
    "answers/elsewhere.py: forget_dead_answers": "what killed processes left is dropped, of whatever project",
    "metrics_endpoints.py: _jobs": "whoever runs the install sees how many jobs wait, of whatever project",
    "metrics_endpoints.py: _deliveries": "and how many deliveries",
    "webhooks/store.py: forget_old_deliveries": "old deliveries of whatever project are forgotten",
}
# Who looks over the wall that PostgreSQL keeps between projects (aivastark/wall.py).
OVER_THE_WALL = {
    "answers/under_way.py: _watch": "one task looks after the answers of all projects that this process writes",
    "projects/organization_endpoints.py: delete": "an organisation goes with all its projects",
    "worker.py: _seeing": "jobs of the install, such as schedules",
    "moving/endpoints.py: bring_in": "what arrives names its project itself, and is checked row by row",
    "usage/endpoints.py: organization_usage": "an organisation's storage is that of all its projects",
    "metrics_endpoints.py: metrics": "whoever runs the install sees sums over all projects",
    "widgets/public_calls.py: open_call": "a widget is found by its public key, which says the project",
    "widgets/cors.py: cors_headers": "the same, before anything else",
}
# Ways to say it once for several statements, checked below to filter as they must.
FILTERS = {"_ours", "_published", "_tagged", "documents_of", "published_of"}
STATEMENTS = {"select", "update", "delete"}

metadata()  # makes every table known


def tenant_models() -> set[str]:
    """Names of the classes whose rows belong to a project."""
    return {mapper.class_.__name__ for mapper in Base.registry.mappers if mapper.primary_key[0].key == "project_id"}


def test_every_key_and_index_begins_with_the_project() -> None:
    wrong = []
    for table in (*metadata().sorted_tables, *search.sorted_tables):
        if table.name in DIRECTORY:
            continue
        first = OWN_FIRST_COLUMN.get(table.name, "project_id")
        keys = {"primary key": table.primary_key.columns.keys()}
        keys |= {str(index.name): index.columns.keys() for index in table.indexes}
        wrong += [
            f"{table.name}: {key} begins with {columns[0]}"
            for key, columns in keys.items()
            if columns[0] != first and key not in INDEXES_ACROSS_PROJECTS
        ]

    assert wrong == []


def test_every_statement_on_a_projects_rows_names_the_project() -> None:
    loose = {f"{name(file)}: {where}" for file in files() for where, _ in _loose_statements(file)}

    assert loose - ACROSS_PROJECTS.keys() == set()
    assert ACROSS_PROJECTS.keys() - loose == set(), "an exception that is not needed any more"


def test_every_row_is_fetched_by_its_whole_key() -> None:
    loose = [
        f"{name(file)}:{call.lineno}"
        for file in files()
        for call in ast.walk(tree(file))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "get"
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id in tenant_models()
        and not (
            len(call.args) > 1 and isinstance(call.args[1], ast.Tuple) and "project_id" in ast.unparse(call.args[1])
        )
    ]

    assert loose == []


def test_the_rule_finds_what_it_looks_for() -> None:
    assert list(_loose_in(ast.parse("def f():\n  select(Source).where(Source.id == a)")))
    assert list(_loose_in(ast.parse("def f():\n  delete(Document)")))
    assert list(_loose_in(ast.parse("def f():\n  q = select(Source.id)\n  q = q.where(Source.id == a)")))
    assert not list(_loose_in(ast.parse("def f():\n  select(Source).where(Source.project_id == p)")))
    assert not list(_loose_in(ast.parse("def f():\n  select(Organization)")))


def _loose_statements(file: Path) -> Iterator[tuple[str, int]]:
    yield from _loose_in(tree(file))


def _loose_in(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Function and line of each statement on tenant rows that does not compare a `project_id`."""
    models = tenant_models()
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for call in ast.walk(module):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in STATEMENTS):
            continue
        if not {node.id for node in ast.walk(call) if isinstance(node, ast.Name)} & models:
            continue
        chain: ast.AST = call
        while isinstance(parents.get(chain), ast.Attribute | ast.Call) and not _is_argument(chain, parents):
            chain = parents[chain]
        if not _names_the_project(ast.unparse(chain)):
            yield _function(chain, parents), call.lineno


def _is_argument(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    parent = parents[node]
    return isinstance(parent, ast.Call) and node is not parent.func


def _names_the_project(statement: str) -> bool:
    return "project_id ==" in statement or any(f"{filter_}(" in statement for filter_ in FILTERS)


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node.name
    return "module"


def test_whoever_looks_over_the_wall_is_named_with_a_reason() -> None:
    over = {
        f"{name(file)}: {function.name}"
        for file in files()
        if name(file) != "wall.py"
        for function in functions(file)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "everything" and ast.unparse(node.value) == "wall"
    }
    assert over == OVER_THE_WALL.keys()
