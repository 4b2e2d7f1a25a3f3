"""Suggestions: headings beside the answer, as they stand, or none."""

from aivastark.answers.suggest import suggestions
from tests.answers.passage_of import passage_of


def test_headings_of_unused_neighbours_are_offered() -> None:
    used = passage_of("Reset it there.", document="doc_a", title="Reset your password")
    beside = passage_of("Turn it on.", document="doc_b", headings=("Security", "Two-factor sign-in"))
    assert suggestions("How do I reset my password?", [used, beside], [used.chunk_id]) == ("Two-factor sign-in",)


def test_what_was_used_repeated_far_off_or_asked_already_is_not_offered() -> None:
    used = passage_of("a", document="doc_a", title="Reset your password")
    same = passage_of("b", document="doc_b", title="Reset Your Password")
    again = passage_of("c", document="doc_c", title="Changing passwords reset")
    far = passage_of("d", document="doc_d", title="Company history pages", score=0.1)
    bare = passage_of("e", document="doc_e", title="Intro")
    passages = [used, same, again, far, bare]
    assert suggestions("How do I reset changing passwords?", passages, [used.chunk_id], language="en") == ()


def test_at_most_three() -> None:
    passages = [passage_of("x", document=f"doc_{n}", title=f"Guide number {n}") for n in range(9)]
    assert len(suggestions("hello", passages, [])) == 3
