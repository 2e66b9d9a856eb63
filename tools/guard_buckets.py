"""Tables of words by their hash, as src/scan/text/buckets.h reads them."""

WIDE, LOAD, PUSHES = 8, 0.93, 200


def places_of(h, nbuckets):
    tag, a = h & 0xFFFF, h >> 32
    b = (a * 0x9E3779B1 + tag * 0x85EBCA6B) & 0xFFFFFFFF
    return tag, a * nbuckets >> 32, b * nbuckets >> 32


def fill(values):
    """{hash: value of 16 bits} as bytes, and how many found no place after some pushing."""
    nbuckets = int(len(values) / WIDE / LOAD) + 1
    buckets, lost = [[] for _ in range(nbuckets)], 0
    for entry in values.items():
        at = None
        for push in range(PUSHES):
            _, a, b = places_of(entry[0], nbuckets)
            room = a if len(buckets[a]) < WIDE else b if len(buckets[b]) < WIDE else None
            if room is not None:
                buckets[room].append(entry)
                break
            at = b if at == a else a
            victim = (push * 5 + 3) % WIDE
            buckets[at][victim], entry = entry, buckets[at][victim]
        else:
            lost += 1
    out = bytearray()
    for bucket in buckets:
        bucket = bucket + [(0, 0)] * (WIDE - len(bucket))
        for h, _ in bucket:
            out += (h & 0xFFFF).to_bytes(2, "little")
        for _, value in bucket:
            out += value.to_bytes(2, "little")
    return bytes(out), lost
