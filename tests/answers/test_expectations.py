from aivastark.answers.expectations import holds


def test_a_sentence_met_before_is_judged_by_the_question_at_hand() -> None:
    sentence = "A return is free of charge within 30 days."

    asked = [
        holds("number", sentence, "How many days do I have?"),
        holds("number", sentence, "Is it free within 30 days?"),
        holds("time", sentence, "When can I return it?"),
        holds("time", sentence, "Why 30?"),
    ]

    assert asked == [1.0, 0.0, 1.0, 0.0]
