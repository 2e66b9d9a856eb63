"""Which labelled sentences names are learnt from, and which are for measuring."""


def is_learnt(row):
    """Of a row of a dev part: was it learnt from?  Every second hundred is: hundreds stay
    together, as neighbours speak of the same people.  Sources whose files begin with "m_"
    are for measuring alone, and of wikiann its train part is enough."""
    source, *_, number = row["id"].split("-")
    return not source.startswith("m_") and source != "wikiann" and int(number) // 100 % 2 == 0
