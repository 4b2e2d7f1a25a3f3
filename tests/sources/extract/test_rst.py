"""reStructuredText as documentation is written in it, Sphinx's directives and roles included."""

import pytest

from aivastark.sources.extract import Extracted, extract

GUIDE = """\
.. _returns:

===============
Returning goods
===============

:orphan:

Goods may be returned within **thirty days**, see :doc:`the terms </legal/terms>` or
`our shop <https://shop.example.com/>`_. Use :func:`~shop.orders.cancel` or ``cancel()`` [1]_.

.. contents::

Before you send
---------------

.. warning:: Never send
   batteries by mail.

#. Print the label.
#. Pack the goods:

   * in their box
   * with the invoice

.. code-block:: shell
   :linenos:

   shop label --order 17

The label is printed by the command::

    shop print

and looks like this:

.. figure:: label.png
   :alt: A label with a bar code

   The label.

.. comment that nobody sees
   on any page

Costs
-----

+----------+--------+
| Country  | Price  |
+==========+========+
| Germany  | 5 EUR  |
+----------+--------+
| France,  | 9 EUR  |
| Monaco   |        |
+----------+--------+

=======  ======
Weight   Price
=======  ======
1 kg     free
2 kg     3 EUR
=======  ======

.. list-table::
   :header-rows: 1

   * - Plan
     - Limit
   * - Basic
     - 10

.. csv-table:: Opening hours
   :header: "Day", "Hours"

   "Monday", "9 to 5, at noon closed"

Deposit
    What is paid back later.

.. versionadded:: 2.1
   Deposits.

.. function:: cancel(order)

   Cancels an order.

.. [1] Only before it was sent.
"""


def read(text: str, name: str | None = "a.rst") -> Extracted:
    return extract(text.encode(), name=name)


def test_a_guide_is_read_as_its_page_shows_it() -> None:
    page = read(GUIDE)

    assert page.title == "Returning goods"
    assert page.media_type == "text/x-rst"
    assert page.text == (
        "Returning goods\n\n"
        "Goods may be returned within thirty days, see the terms or our shop. Use cancel or cancel().\n\n"
        "Before you send\n\n"
        "Warning: Never send batteries by mail.\n\n"
        "1. Print the label.\n2. Pack the goods:\n  - in their box\n  - with the invoice\n\n"
        "```\nshop label --order 17\n```\n\n"
        "The label is printed by the command:\n\n"
        "```\nshop print\n```\n\n"
        "and looks like this:\n\n"
        "A label with a bar code\n\n"
        "The label.\n\n"
        "Costs\n\n"
        "| Country | Price |\n| --- | --- |\n| Germany | 5 EUR |\n| France, Monaco | 9 EUR |\n\n"
        "| Weight | Price |\n| --- | --- |\n| 1 kg | free |\n| 2 kg | 3 EUR |\n\n"
        "| Plan | Limit |\n| --- | --- |\n| Basic | 10 |\n\n"
        "Opening hours\n\n"
        "| Day | Hours |\n| --- | --- |\n| Monday | 9 to 5, at noon closed |\n\n"
        "- Deposit: What is paid back later.\n\n"
        "Added in version 2.1: Deposits.\n\n"
        "cancel(order)\n\n"
        "Cancels an order.\n\n"
        "Only before it was sent."
    )


def test_sections_are_as_deep_as_their_signs_were_met() -> None:
    page = read("One\n===\n\nTwo\n---\n\nThree\n~~~~~\n\nWords.\n\nAgain two\n---------\n\nMore words.\n")

    paths = [block.heading_path for block in page.blocks if block.kind == "paragraph"]
    assert paths == [("One", "Two", "Three"), ("One", "Again two")]


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        (r"2 \* 3 is six, and \\ stays", r"2 * 3 is six, and \ stays"),
        ("2*3*4 and a_b_c and __init__ stay", "2*3*4 and a_b_c and __init__ stay"),
        ("*one* **two** `three` :kbd:`Ctrl`", "one two three Ctrl"),
        ("see shop_ and `the shop`_", "see shop and the shop"),
        ("|name| 3", "Acme Shop 3"),
        ("``*not* |name|`` stays", "*not* |name| stays"),
        ("an `unclosed mark and a ** star", "an `unclosed mark and a ** star"),
    ],
)
def test_words_in_markup_are_kept_and_their_markup_goes(marked: str, shown: str) -> None:
    page = read(f"{marked}\n\n.. _shop: https://shop.example.com\n.. |name| replace:: Acme Shop\n")

    assert page.text == shown


def test_a_plain_file_that_is_written_in_it_is_read_as_it() -> None:
    text = "Models\n======\n\n.. admonition:: Shop\n\n    Use ``save()`` and :doc:`queries </topics/db>`.\n"

    assert read(text, "models.txt").text == "Models\n\nShop: Use save() and queries."
    assert read("Dear customer,\n\nthe price is 5::6.\n\nBye.", "mail.txt").media_type == "text/plain"


def test_nothing_is_included_or_run() -> None:
    page = read("Before.\n\n.. include:: /etc/passwd\n\n.. raw:: html\n\n   <script>run()</script>\n\nAfter.\n")

    assert page.text == "Before.\n\nAfter."


@pytest.mark.parametrize(
    "text",
    [
        "".join("  " * depth + "* a\n\n" for depth in range(400)),
        "``" * 16_000,
        "`a " * 10_000,
        "*a " * 10_000,
        "|a " * 10_000,
        "\n".join(["+" + "-+" * 2_000] * 8),
        "a\n" + " b\n" * 15_000,
        "=" * 32_000,
        ".. a::\n" * 4_000,
    ],
    ids=["nested", "literals", "texts", "stars", "bars", "grid", "definition", "adornment", "directives"],
)
def test_hostile_text_is_read_quickly(text: str) -> None:
    page = read(f"Words.\n\n{text}")

    assert page.text.startswith("Words.")
