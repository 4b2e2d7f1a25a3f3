"""HTML pages: content stays with its structure, furniture goes, hidden content is told apart."""

import pytest

from aivastark.sources.extract import Extracted, ExtractionFailed, extract

FURNITURE = """
<!doctype html><html lang="de-CH"><head><meta charset="utf-8"><title>Returns | Acme</title>
<meta property="og:site_name" content="Acme"><link rel="canonical" href="/help/returns"></head>
<body class="with-sidebar has-cookie-banner">
<a class="skip-link" href="#main">Skip to content</a>
<header><nav><ul><li><a href="/">Home</a><li><a href="/shop">Shop</a></ul></nav></header>
<div id="cookie-banner"><p>We use cookies. <button>Accept all</button></p></div>
<div class="layout"><aside class="sidebar"><ul><li><a href="/a">Shipping</a><li><a href="/b">Payment</a></ul></aside>
<main><nav class="breadcrumb"><a href="/">Help</a> / Returns</nav>%s
<div class="feedback">Was this page helpful? <button>Yes</button></div></main></div>
<footer><p>© Acme Inc. Imprint</p></footer><script>track()</script></body></html>"""


def read(markup: str, *, url: str | None = None) -> Extracted:
    return extract(markup.encode(), media_type="text/html", url=url)


def inside(content: str) -> Extracted:
    """The content as the main part of a page with all its furniture."""
    return read(FURNITURE % content, url="https://acme.test/help/returns?from=mail")


def failure(markup: str) -> ExtractionFailed:
    with pytest.raises(ExtractionFailed) as caught:
        read(markup)
    return caught.value


def test_menus_banners_and_footers_go_and_the_content_stays() -> None:
    page = inside("<h1>Returns</h1><p>Send it back within <b>30 days</b>.</p>")
    assert page.text == "Returns\n\nSend it back within 30 days."


def test_title_language_and_canonical_address_come_from_the_page() -> None:
    page = inside("<h1>Returns</h1><p>Send it back.</p>")
    assert (page.title, page.language, page.canonical_url) == ("Returns", "de", "https://acme.test/help/returns")


def test_a_declared_title_loses_the_name_of_the_site() -> None:
    assert inside("<p>Send it back.</p>").title == "Returns"


def test_the_heading_of_the_content_is_preferred_to_the_heading_of_the_site() -> None:
    page = read("<title>Limits — Acme docs</title><h1>Acme docs</h1><h1>Limits</h1><p>Ten a day.</p>")
    assert page.title == "Limits"


def test_blocks_know_the_headings_above_them() -> None:
    page = inside("<h1>A</h1><h2>B</h2><p>one</p><h3>C</h3><p>two</p><h2>D</h2><p>three</p>")
    paths = {page.text[b.start : b.end]: b.heading_path for b in page.blocks}
    assert paths["one"] == ("A", "B")
    assert paths["two"] == ("A", "B", "C")
    assert paths["three"] == ("A", "D")


def test_nested_lists_keep_their_order_numbers_and_indentation() -> None:
    page = inside("<ol start=3><li>Open<ul><li>the <em>lid</em><li>the box</ul><li>Close</ol>")
    assert page.text == "3. Open\n  - the lid\n  - the box\n4. Close"
    assert [block.kind for block in page.blocks] == ["list"]


def test_code_within_a_step_stays_verbatim_and_in_its_place() -> None:
    page = inside("<ol><li>Run:<pre>a  =  1\n\n  b</pre><li>Done</ol>")
    assert page.text == "1. Run:\n\n```\na  =  1\n\n  b\n```\n\n2. Done"
    assert [block.kind for block in page.blocks] == ["list", "code", "list"]


def test_code_drawn_in_lines_keeps_one_line_per_line() -> None:
    page = inside("<pre><code><div class=line><span class=lineno>1</span>a</div><div class=line>  b</div></code></pre>")
    assert page.text == "```\na\n  b\n```"


def test_tables_become_pipe_tables_with_their_header_row() -> None:
    page = inside("<table><thead><tr><th>Plan<th>Price</thead><tr><td>Basic<td>5 | 6<tr><td>Pro<td>10</table>")
    assert page.text == "| Plan | Price |\n| --- | --- |\n| Basic | 5 \\| 6 |\n| Pro | 10 |"


def test_a_cell_over_several_rows_stands_in_each_of_them() -> None:
    page = inside("<table><tr><th>Plan<th>For<tr><td rowspan=2>Pro<td>Teams<tr><td>Firms</table>")
    assert "| Pro | Teams |\n| Pro | Firms |" in page.text


def test_a_table_without_column_names_gets_a_blank_header() -> None:
    page = inside("<table><tr><th>Weight</th><td>2 kg</td></tr><tr><th>Colour</th><td>red</td></tr></table>")
    assert page.text.startswith("|  |  |\n| --- | --- |\n| Weight | 2 kg |")


def test_a_table_that_only_lays_out_the_page_is_read_as_text() -> None:
    page = inside("<table><tr><td><h2>Left</h2><p>One.</p></td><td><h2>Right</h2><p>Two.</p></td></tr></table>")
    assert page.text == "Left\n\nOne.\n\nRight\n\nTwo."


def test_definitions_details_and_descriptions_of_images_are_kept() -> None:
    page = inside(
        "<dl><dt>Refund<dd>Money back.<dt>Credit<dd>A voucher.</dl>"
        "<details><summary>How long?</summary><p>Five days.</p></details>"
        "<p><img src=a.png alt='The red button at the back'></p><p><img src=b.png alt=icon></p>"
    )
    assert page.text == (
        "- Refund: Money back.\n- Credit: A voucher.\n\nHow long?\n\nFive days.\n\nThe red button at the back"
    )


def test_a_fold_that_hides_its_answer_until_a_click_is_content() -> None:
    page = inside(
        "<h3><button aria-expanded=false>How long?</button></h3>"
        "<div class='accordion-panel' hidden>Five days.</div><div hidden>Gone.</div>"
    )
    assert page.text == "How long?\n\nFive days."


def test_a_part_named_like_furniture_stays_when_it_holds_the_content() -> None:
    words = "The menu of the day has soup and bread. " * 20
    assert "soup and bread" in inside(f"<div class='menu'><p>{words}</p></div>").text


def test_a_section_about_searching_is_no_search_box() -> None:
    page = inside(
        f"<h1>Guide</h1><p>{'Long text. ' * 30}</p><section id=search><h2>Search</h2><p>Use it.</p></section>"
    )
    assert page.text.endswith("Search\n\nUse it.")


def test_a_main_element_with_too_few_words_is_not_believed() -> None:
    words = "The warranty covers parts and labour for two years. " * 10
    page = read(f"<body><main><p>Hello there.</p></main><div class=text><p>{words}</p></div></body>")
    assert "parts and labour" in page.text


def test_without_a_main_element_unnamed_menus_of_links_go() -> None:
    links = "".join(f"<li><a href=/{n}>Topic number {n}</a>" for n in range(8))
    page = read(f"<body><ul>{links}</ul><h1>Fees</h1><p>{'No fee is due for transfers. ' * 8}</p></body>")
    assert page.text.startswith("Fees\n\nNo fee")


def test_a_page_of_links_keeps_its_links() -> None:
    links = "".join(f"<li><a href=/{n}>Topic number {n}</a>" for n in range(8))
    assert "Topic number 7" in read(f"<body><h1>Topics</h1><ul>{links}</ul></body>").text


def test_a_page_as_docusaurus_makes_it_is_read_whole_and_clean() -> None:
    page = read(
        "<html lang=en><title>Install | Acme</title><body><div id=__docusaurus><nav class='theme-layout-navbar navbar'>"
        "Docs</nav><div class=main-wrapper><aside class=theme-doc-sidebar-container><nav class=menu><a href=/>Intro</a>"
        "</nav></aside><main class=docMainContainer_x><div class=row><div class=col><article>"
        "<nav class=theme-doc-breadcrumbs>Docs</nav><div class='theme-doc-markdown markdown'><header><h1>Install</h1>"
        "</header><h2 class='anchor anchorWithStickyNavbar' id=cli>CLI<a class=hash-link href=#cli>\u200b</a></h2>"
        "<div class='theme-admonition alert'><div class=admonitionHeading_x><svg></svg>note</div><div><p>Node 20.</p>"
        "</div></div><div class=tabs-container><ul role=tablist class=tabs><li role=tab>npm</li><li role=tab>yarn</li>"
        "</ul><div><div role=tabpanel><pre><code><span class=token-line>npm i<br></span><span class=token-line>go<br>"
        "</span></code></pre><div class=buttonGroup_x><button class=clean-btn>Copy</button></div></div>"
        "<div role=tabpanel hidden><pre><code>yarn add</code></pre></div></div></div></div>"
        "<footer class=theme-doc-footer>Edit this page</footer></article><nav class=pagination-nav>Next</nav></div>"
        "<div class=col><div class='tableOfContents_x thin-scrollbar'><ul class='table-of-contents'><li>"
        "<a href=#cli>CLI</a></ul></div></div></div></main></div>"
        "<footer class=theme-layout-footer>Copyright</footer></div></body></html>"
    )
    assert (page.title, page.text) == (
        "Install",
        "Install\n\nCLI\n\nnote\n\nNode 20.\n\nnpm\n\n```\nnpm i\ngo\n```\n\nyarn\n\n```\nyarn add\n```",
    )


def test_a_heading_that_names_the_page_survives_the_furniture_around_it() -> None:
    page = read(
        "<title>Mutex routines</title><body><div class=nosearch><a href=/><h2>Acme API</h2></a><h2>Mutex routines</h2>"
        "</div><p>They verify a mutex and are used inside of assertions only.</p></body>"
    )
    assert page.text.startswith("Mutex routines\n\nThey verify")


def test_the_summary_beside_the_name_of_a_manual_page_is_kept() -> None:
    page = read(
        "<body><div id=header><h1>acme(1)</h1><h2>NAME</h2><p>acme - sells things</p></div>"
        f"<div id=content><h2>SYNOPSIS</h2><p>{'acme sells one thing. ' * 10}</p></div></body>"
    )
    assert page.text.startswith("acme(1)\n\nNAME\n\nacme - sells things\n\nSYNOPSIS")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("<meta charset=iso-8859-1><p>Größe 5 €</p>".encode("cp1252"), "text/html"),
        ("<p>Größe 5 €</p>".encode("cp1252"), "text/html; charset=windows-1252"),
        (b"\xef\xbb\xbf" + "<p>Größe 5 €</p>".encode(), "text/html; charset=latin-1"),
        ("<p>Größe 5 €</p>".encode("utf-16"), "text/html"),
        ("<?xml version='1.0' encoding='utf-8'?><html><p>Größe 5 €</p></html>".encode(), None),
    ],
)
def test_the_encoding_is_told_by_mark_header_declaration_or_content(content: bytes, media_type: str | None) -> None:
    assert extract(content, media_type=media_type).text == "Größe 5 €"


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><div id=root></div><script src=app.js></script></body></html>",
        "<html><noscript>You need to enable JavaScript to run this app.</noscript><script src=a.js></script></html>",
        "<html><body><p>Please enable JavaScript and cookies to continue</p><script>go()</script></body></html>",
    ],
)
def test_a_page_that_only_scripts_can_show_says_so(markup: str) -> None:
    assert failure(markup).code == "javascript_only"


def test_a_login_wall_says_so() -> None:
    markup = "<html><body><h1>Sign in</h1><form><input name=u><input type=password><button>Go</button></form></html>"
    assert failure(markup).code == "login_required"


def test_a_page_that_explains_passwords_is_no_login_wall() -> None:
    assert "Choose" in inside(f"<p>{'Choose a long password. ' * 50}</p><input type=password>").text


def test_a_page_without_words_has_no_text() -> None:
    assert failure("<html><body><img src=a.png><hr></body></html>").code == "no_text"


def test_a_page_of_fifty_megabytes_is_too_large() -> None:
    assert failure("<html><body>" + "<p>word</p>" * 5_000_000).code == "too_large"


def test_markup_nested_a_thousand_deep_loses_no_word() -> None:
    page = read("<html><body>" + "<div><ul><li>" * 400 + "deep down" + "</html>")
    assert "deep down" in page.text


def test_markup_nested_beyond_all_reason_is_refused_and_not_cut_off() -> None:
    assert failure("<html><body>" + "<div>" * 30_000 + "deep down").code == "too_complex"


def test_entities_of_a_document_type_are_not_expanded() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><html><body><p>Hello &b; there</p></body></html>'
    assert "hahaha" not in read(bomb).text


def test_a_question_in_bold_heads_the_answer_below_it_up_to_the_next_heading() -> None:
    page = inside(
        "<h2>FAQ</h2><p><b>(1) Is it <i>free</i>?</b></p><blockquote><p>Yes.</blockquote>"
        "<p><strong>(2) Is it fast?</strong><p>It is.<h2>Contact</h2><p>Write to us."
    )
    assert [(block.kind, block.heading_path) for block in page.blocks if block.kind == "paragraph"] == [
        ("paragraph", ("FAQ", "(1) Is it free?")),
        ("paragraph", ("FAQ", "(2) Is it fast?")),
        ("paragraph", ("Contact",)),
    ]


def test_an_item_with_a_title_in_bold_is_a_section_and_what_follows_the_list_is_not_in_it() -> None:
    page = inside(
        "<h2>Limits</h2><ul><li><p><b>Columns</b></p><p>2000.</p></li><li><b>Rows</b><p>Many.</li></ul><p>End."
    )
    paths = [block.heading_path for block in page.blocks if block.kind == "paragraph"]
    assert paths == [("Limits", "Columns"), ("Limits", "Rows"), ("Limits",)]


def test_bold_words_that_head_nothing_or_say_a_sentence_stay_text() -> None:
    page = inside("<p><b>Never do this.</b><p>Really.<ul><li><b>One</b><li><b>Two</b></ul><p><b>Mind:</b> it is hot.")
    assert {block.kind for block in page.blocks} == {"paragraph", "list"}


def test_a_term_heads_its_long_definition() -> None:
    page = inside("<dl><dt>ABORT</dt><dd><p>It stops.</p><p>Nothing is kept.</p></dd></dl><p>End.")
    assert [block.heading_path for block in page.blocks if block.kind == "paragraph"] == [("ABORT",), ("ABORT",), ()]
