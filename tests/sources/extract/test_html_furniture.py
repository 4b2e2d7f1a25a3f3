"""What of a page is not its content though nothing marks it so, and what is content though it looks like furniture."""

from aivastark.sources.extract import Extracted, extract

PROSE = "<p>A parcel that came damaged goes back within thirty days, and the money is with you in a week.</p>" * 6


def read(body: str, title: str = "Returns") -> Extracted:
    return extract(f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode())


def lines(body: str, title: str = "Returns") -> list[str]:
    """The lines of the text that are not the prose."""
    return [line for line in read(body, title).text.split("\n") if line and not line.startswith("A parcel")]


def test_each_panel_of_tabs_begins_with_the_name_of_its_tab() -> None:
    by_role = (
        "<div><div role=tablist><button role=tab>Linux</button><button role=tab>Windows</button></div>"
        "<div role=tabpanel><pre>apt install it</pre></div><div role=tabpanel hidden><pre>winget it</pre></div></div>"
    )
    by_class = (
        "<div class=tabbed-set><input type=radio><div class=tabbed-labels><label>Linux</label><label>Windows</label>"
        "</div><div class=tabbed-content><div class=tabbed-block><p>apt</p></div>"
        "<div class=tabbed-block><p>winget</p></div></div></div>"
    )

    assert lines(f"<main><h1>Install</h1>{PROSE}{by_role}</main>") == [
        "Install", "Linux", "```", "apt install it", "```", "Windows", "```", "winget it", "```",
    ]  # fmt: skip
    assert lines(f"<main><h1>Install</h1>{PROSE}{by_class}</main>") == ["Install", "Linux", "apt", "Windows", "winget"]


def test_tabs_that_do_not_match_their_panels_name_none_of_them() -> None:
    odd = "<div><ul role=tablist><li role=tab>One<li role=tab>Two</ul><div role=tabpanel>Words.</div></div>"
    assert lines(f"<main><h1>Tabs</h1>{PROSE}{odd}</main>") == ["Tabs", "Words."]


def test_parts_of_which_a_script_shows_one_are_all_content() -> None:
    choice = "<div><p hidden>On Windows press Control.</p><p hidden>On macOS press Command.</p></div>"
    alone = "<div>Shown.<p>Shown too.</p><p hidden>Gone for good.</p></div>"

    found = lines(f"<main><h1>Keys</h1>{PROSE}{choice}{alone}</main>")

    assert found == ["Keys", "On Windows press Control.", "On macOS press Command.", "Shown.", "Shown too."]


def test_small_phrases_of_sites_go_and_the_same_words_in_a_sentence_stay() -> None:
    body = (
        f"<main><h1>Returns</h1>{PROSE}<p>Edit this page</p><div><span>Last updated on May 3, 2026</span></div>"
        "<p>Was this page helpful?</p><span>click to toggle source</span><p>Back to top</p>"
        "<p>To change a page press <b>Edit this page</b> and write.</p></main>"
    )
    assert lines(body) == ["Returns", "To change a page press Edit this page and write."]


def test_a_list_of_links_to_the_headings_of_the_page_is_its_table_of_contents() -> None:
    names = ("Who pays", "How long", "Where to")
    contents = "".join(f"<li><a href='#{number}'>{name}</a>" for number, name in enumerate(names))
    elsewhere = "".join(f"<li><a href='#{number}'>{name}</a>" for number, name in enumerate(("Gifts", "Sales", "Wine")))
    sections = "".join(f"<h2>{name}</h2>{PROSE}" for name in names)

    found = lines(f"<main><h1>Returns</h1><ul>{contents}</ul><p>Also:</p><ul>{elsewhere}</ul>{sections}</main>")

    assert found == ["Returns", "Also:", "- Gifts", "- Sales", "- Wine", *names]


def test_what_readers_wrote_and_links_to_other_articles_go() -> None:
    more = "".join(
        f"<div><img src=a.png><a href=/{number}>How we pack parcels, part {number}</a></div>" for number in range(3)
    )
    body = (
        f"<article><h1>Returns</h1>{PROSE}</article><div class=more>{more}</div>"
        "<section id=comments><p>This never worked for me, not even once.</p></section>"
    )
    assert lines(body) == ["Returns"]


def test_the_heading_of_the_site_is_not_read_where_the_content_begins_with_the_name_of_the_page() -> None:
    head = "<div><h1>The Acme Handbook</h1></div>"

    assert lines(f"{head}<main><h2>Returns</h2>{PROSE}</main>", "Returns - The Acme Handbook") == ["Returns"]
    assert lines(f"<div><h1>Returns</h1></div><main>{PROSE}</main>", "Acme") == ["Returns"]
