"""A real documentation site of 980 pages: the rules of Ruff (MIT), as its own program tells them.

`ruff rule --all` prints the texts of https://docs.astral.sh/ruff/rules/, a page each. Here they become HTML with the
furniture of such a site: a menu, an index, a section for each family of rules, a foot with neighbours.
"""

import asyncio
import hashlib
import html
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
from markdown_it import MarkdownIt

from tests.loopback import Page, Request, page

MENU = "".join(
    f'<li><a href="{path}">{name}</a></li>'
    for path, name in (("/rules/", "All rules"), ("/imprint", "Imprint"), ("https://github.com/astral-sh/ruff", "Code"))
)
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Ruff</title></head><body>
<header><nav><ul>{menu}</ul></nav></header><main>{content}</main>
<footer><nav>{neighbours}</nav><p>Built from the rules of Ruff, under the MIT licence.</p></footer></body></html>"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One rule."""

    path: str
    title: str
    family: str
    text: str  # Markdown


def articles() -> list[Article]:
    """Every rule, by family and code."""
    run = [sys.executable, "-m", "ruff", "rule", "--all", "--output-format", "json"]
    rules: list[dict[str, Any]] = orjson.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout)
    return [
        Article(
            path=f"/rules/{rule['name']}/",
            title=f"{rule['name']} ({rule['code'] or 'no code'})",
            family=rule["linter"] or "Ruff",
            text=f"{rule['summary']}\n\n{rule['fix']}\n\n{rule['explanation']}",
        )
        for rule in sorted(rules, key=lambda rule: (rule["linter"] or "Ruff", rule["code"] or "", rule["name"]))
    ]


def site_of(chosen: list[Article]) -> dict[str, bytes]:
    """The pages by path: the rules, a section for each family, and the index."""
    pages: dict[str, bytes] = {}
    markdown = MarkdownIt()
    for number, article in enumerate(chosen):
        beside = [chosen[place] for place in (number - 1, number + 1) if 0 <= place < len(chosen)]
        pages[article.path] = rendered(article, beside, markdown)
    families = {family: list(rules) for family, rules in groupby(chosen, key=lambda article: article.family)}
    for family, rules in families.items():
        listed = "".join(f'<li><a href="{rule.path}">{html.escape(rule.title)}</a></li>' for rule in rules)
        content = f"<h1>Rules of {html.escape(family)}</h1><p>{len(rules)} rules come from it.</p><ul>{listed}</ul>"
        pages[_section(family)] = _page(f"Rules of {family}", content, "")
    sections = "".join(f'<li><a href="{_section(family)}">{html.escape(family)}</a></li>' for family in families)
    pages["/rules/"] = _page("Rules", f"<h1>Rules</h1><p>Ruff has many rules.</p><ul>{sections}</ul>", "")
    return pages


def rendered(article: Article, beside: list[Article], markdown: MarkdownIt) -> bytes:
    """A rule's page."""
    neighbours = "".join(f'<a href="{other.path}">{html.escape(other.title)}</a>' for other in beside)
    return _page(article.title, f"<h1>{html.escape(article.title)}</h1>{markdown.render(article.text)}", neighbours)


def serve_site(content: Mapping[str, bytes], base: str) -> dict[str, Page]:
    """What a web server makes of it: validators, a sitemap, a robots.txt."""
    locations = "".join(f"<url><loc>{base}{path}</loc></url>" for path in content)
    files = {path: _with_validator(body) for path, body in content.items()}
    files["/sitemap.xml"] = page(200, f"<urlset>{locations}</urlset>".encode(), {"Content-Type": "application/xml"})
    files["/robots.txt"] = page(200, b"User-agent: *\nDisallow: /private/\n", {"Content-Type": "text/plain"})
    return files


def _with_validator(body: bytes) -> Page:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == tag
        headers = {"Content-Type": "text/html; charset=utf-8", "ETag": tag}
        await page(304 if same else 200, b"" if same else body, headers)(request, out)

    return write


def _section(family: str) -> str:
    return "/rules/of/" + "".join(letter if letter.isalnum() else "-" for letter in family.lower())


def _page(title: str, content: str, neighbours: str) -> bytes:
    return SHELL.format(title=html.escape(title), menu=MENU, content=content, neighbours=neighbours).encode()
