from ctibridge.delivery import stream_text


def test_each_sentence_is_one() -> None:
    """That each frame has one, test_asyncapi sees."""
    for text in (*stream_text.SERVER.values(), *stream_text.DESK.values()):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "\n" not in text
