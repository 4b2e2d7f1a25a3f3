"""Jupyter notebooks: told by content, read cell by cell."""

from typing import Any

import orjson
import pytest

from aivastark.sources.extract import Extracted, ExtractionFailed, extract


def read(notebook: dict[str, Any], name: str | None = "a.ipynb") -> Extracted:
    return extract(orjson.dumps(notebook), name=name)


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}, "cells": list(cells)}


def code(source: object, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": source, "outputs": list(outputs)}


def test_text_code_and_what_it_printed_stand_in_their_order() -> None:
    page = read(
        notebook(
            {"cell_type": "markdown", "metadata": {}, "source": ["# Forecast\n", "\n", "We **sum** the orders."]},
            code(
                ["orders = [1, 2]\n", "sum(orders)"],
                {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mloading\x1b[0m\n"]},
                {"output_type": "execute_result", "data": {"text/plain": ["3"], "image/png": "iVBOR" * 99}},
            ),
            {"cell_type": "raw", "metadata": {}, "source": "The end."},
        )
    )

    assert page.title == "Forecast"
    assert page.media_type == "application/x-ipynb+json"
    assert page.text == (
        "Forecast\n\nWe sum the orders.\n\n```\norders = [1, 2]\nsum(orders)\n```\n\n```\nloading\n3\n```\n\nThe end."
    )
    assert [block.kind for block in page.blocks] == ["heading", "paragraph", "code", "code", "paragraph"]


def test_it_is_told_by_its_content() -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "Words."}

    assert read(notebook(cell), "data.json").media_type == "application/x-ipynb+json"
    assert read({"nbformat": "no number", "cells": []}).media_type == "application/json"


def test_the_older_form_is_read_too() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": ["1 + 1"], "outputs": [{"output_type": "pyout", "text": ["2"]}]},
    ]

    page = read({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})

    assert page.text == "Old\n\n```\n1 + 1\n```\n\n```\n2\n```"


def test_an_error_says_what_it_was_and_long_output_is_cut() -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": ["\x1b[0;31m" * 1_000]}
    long = {"output_type": "stream", "name": "stdout", "text": [f"line {number}\n" for number in range(10_000)]}

    page = read(notebook(code("a['a']", error), code("show()", long)))

    assert "KeyError: 'a'" in page.text
    assert "line 100" in page.text
    assert len(page.text) < 2_500


@pytest.mark.parametrize("cells", [[], [None, 1, {}, {"cell_type": "code"}, {"cell_type": "markdown", "source": 7}]])
def test_a_notebook_without_words_says_so(cells: list[Any]) -> None:
    with pytest.raises(ExtractionFailed) as caught:
        read(notebook(*cells))

    assert caught.value.code == "no_text"


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(ExtractionFailed) as caught:
        read(notebook(*[code("1")] * 5_001))

    assert caught.value.code == "too_large"


def test_program_text_is_kept_as_it_is() -> None:
    source = "# A comment\n\ndef run():\n    * = 1\n"

    page = extract(source.encode(), name="run.py", media_type="text/x-source-code")

    assert (page.title, page.text) == ("run.py", "```\n# A comment\n\ndef run():\n    * = 1\n```")
