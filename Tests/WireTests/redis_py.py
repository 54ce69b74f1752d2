"""Drives a running server with redis-py, in RESP2 and RESP3; exits 1 at the first reply that is not the reference's.

usage: redis_py.py PORT IMAGE OTHER_IMAGE"""

import socket
import struct
import sys

import redis

port, image, other = int(sys.argv[1]), open(sys.argv[2], "rb").read(), open(sys.argv[3], "rb").read()
checks = 0


def same(got, expected, what):
    global checks
    checks += 1
    if got != expected:
        sys.exit(f"{what}: got {got!r}, expected {expected!r}")


def close(got, expected, what, tolerance=2e-3):
    global checks
    checks += 1
    if abs(float(got) - expected) > tolerance:
        sys.exit(f"{what}: got {got!r}, expected about {expected!r}")


def fails(client, expected, *command):
    try:
        got = client.execute_command(*command)
    except redis.ResponseError as error:
        # redis-py takes the code ERR off.
        return same(str(error).removeprefix("ERR "), expected, " ".join(map(str, command))[:80])
    sys.exit(f"{command!r}: got {got!r}, expected the error {expected!r}")


def converse(data, half_close):
    """Sends bytes over a connection of its own, reads slowly until the server closes; the number of bytes read."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        total = 0
        while piece := connection.recv(1 << 16):
            total += len(piece)
        return total


def blob(*values):
    return struct.pack(f"<{len(values)}f", *values)


for protocol in (2, 3):
    r = redis.Redis(port=port, protocol=protocol)
    run = r.execute_command
    yes, no = (1, 0) if protocol == 2 else (True, False)
    number = (lambda x: float(x)) if protocol == 2 else (lambda x: x)

    # Connection and server.
    same(r.ping(), True, "PING")
    same(r.echo("a\r\nb"), b"a\r\nb", "ECHO")
    same(run("SELECT", 0), True, "SELECT 0")
    fails(r, "DB index is out of range", "SELECT", 1)
    same(r.info()["redis_version"][0], "8", "INFO")
    same(run("COMMAND COUNT") > 20, True, "COMMAND COUNT")
    fails(r, "unknown command 'vfoo', with args beginning with: 'k' 'a' ", "vfoo", "k", "a")
    fails(r, "wrong number of arguments for 'VCARD' command", "vcard")
    fails(r, "wrong number of arguments for 'echo' command", "ECHO")

    # Vectors.
    r.delete("s")
    same(run("VADD", "s", "VALUES", 3, 1, 2, 3, "a"), yes, "VADD new")
    same(run("vadd", "s", "values", "3", "1", "2", "3.5", "a"), no, "VADD update")
    same(run("VADD", "s", "VALUES", 3, 1, 2, 3, "a"), no, "VADD update back")
    same(run("VADD", "s", "FP32", blob(-1, 2, 0.5), "b", "SETATTR", '{"n":1}'), yes, "VADD FP32")
    same(run("VADD", "s", "FP32", blob(1, 2, 3.1), "", "EF", 50, "CAS"), yes, "VADD empty name")
    same(run("VCARD", "s"), 3, "VCARD")
    same(run("VDIM", "s"), 3, "VDIM")
    same(run("VISMEMBER", "s", "a"), yes, "VISMEMBER")
    same(run("VISMEMBER", "s", "z"), no, "VISMEMBER absent")
    same(r.exists("s", "s", "none"), 2, "EXISTS")
    # The reference's own example of the int8 code.
    same([number(x) for x in run("VEMB", "s", "a")], [0.992125928401947, 2.007874011993408, 3.0], "VEMB")
    kind, code, norm, scale = run("VEMB", "s", "a", "RAW")
    same((kind, code), (b"int8", bytes([0x2A, 0x55, 0x7F])), "VEMB RAW")
    same((number(norm), number(scale)), (3.7416574954986572, 0.8017836809158325), "VEMB RAW norm and range")
    same(run("VEMB", "s", "z"), None, "VEMB absent")
    fails(r, "invalid option", "VEMB", "s", "a", "COOKED")

    # Searching.
    same(run("VSIM", "s", "ELE", "a"), [b"a", b"", b"b"], "VSIM ELE")
    same(run("VSIM", "s", "VALUES", 3, 1, 2, 3, "COUNT", 1), [b"a"], "VSIM VALUES COUNT")
    scored = run("VSIM", "s", "FP32", blob(1, 2, 3), "WITHSCORES", "EF", 10)
    scored = dict(zip(scored[::2], scored[1::2])) if protocol == 2 else scored
    close(scored[b"a"], 1.0, "score of the same vector")
    cosine = (-1 + 4 + 1.5) / (14**0.5 * 5.25**0.5)
    close(scored[b"b"], (1 + cosine) / 2, "score")
    both = run("VSIM", "s", "ELE", "b", "WITHATTRIBS", "WITHSCORES", "TRUTH")
    if protocol == 2:
        same(both[0], b"b", "VSIM both, name")
        same(both[2], b'{"n":1}', "VSIM both, attribute")
        same(both[5], None, "VSIM both, no attribute")
    else:
        same(both[b"b"][1], b'{"n":1}', "VSIM both, attribute")
    same(run("VSIM", "none", "ELE", "x", "WITHSCORES"), [], "VSIM on a missing key")
    same(run("VSIM", "s", "ELE", "a", "EPSILON", "0.01"), [b"a", b""], "VSIM EPSILON")
    fails(r, "element not found in set", "VSIM", "s", "ELE", "z")
    fails(r, "invalid COUNT", "VSIM", "s", "ELE", "a", "COUNT", 0)
    fails(r, "invalid EF", "VSIM", "s", "ELE", "a", "EF", 1000001)
    fails(r, "syntax error in VSIM command", "VSIM", "s", "ELE", "a", "COUNT")
    fails(r, "invalid vector specification", "VSIM", "s", "VALUES", 4, 1, 2, 3)
    fails(r, "invalid vector specification", "VSIM", "s", "REDUCE", 2, "VALUES", 3, 1, 2, 3)
    # Finite numbers of which the length is not.
    fails(r, "invalid vector specification", "VSIM", "s", "VALUES", 3, "3e38", "3e38", "3e38")
    fails(r, "invalid vector specification", "VADD", "s", "VALUES", 3, "3e38", "3e38", "3e38", "e")
    fails(r, "Vector dimension mismatch - got 2 but set has 3", "VSIM", "s", "VALUES", 2, 1, 2)

    # Filters. An element without attributes never matches; results are never fewer than match.
    for i in range(400):
        attributes = [] if i % 4 == 3 else ["SETATTR", '{"n":%d,"colour":"%s","tags":["t%d"]}' % (
            i, ["red", "green", "blue"][i % 4 % 3], i % 7)]
        run("VADD", "f", "VALUES", 2, i + 1, 400 - i, f"f{i}", *attributes)
    every = [i for i in range(400) if i % 4 != 3]
    nearest = lambda wanted, count: [f"f{i}".encode() for i in sorted(wanted, reverse=True)[:count]]
    for twice in range(3):
        for text, wanted in [
            ("1", every), (".n >= 0", every), (".n < 3", [0, 1, 2]), (".n == 17", [17]), (".missing or 1", []),
            ('.colour == "red"', [i for i in every if i % 4 == 0]), (".colour in ['red', \"blue\"]", [i for i in every if i % 4 != 1]),
            ('"t3" in .tags and .n > 100', [i for i in every if i % 7 == 3 and i > 100]),
            (".n % 10 == 2 && !(.n > 50)", [i for i in every if i % 10 == 2 and i <= 50]),
        ]:
            asked = ["VSIM", "f", "VALUES", 2, 1, 0, "COUNT", 5, "FILTER", text]
            for more in ([], ["TRUTH"], ["EF", 1], ["FILTER-EF", 1], ["EF", 400, "FILTER-EF", 100000]):
                same(run(*asked, *more), nearest(wanted, 5), f"FILTER {text} {more}")
    same(run("VSIM", "f", "ELE", "f8", "FILTER", ".n == 1", "FILTER", ".n == 8"), [b"f8"], "the last FILTER counts")
    run("VSETATTR", "f", "f8", "")
    same(run("VSIM", "f", "ELE", "f8", "FILTER", ".n == 8"), [], "attributes removed")
    run("VSETATTR", "f", "f11", '{"n":8}')
    same(run("VSIM", "f", "ELE", "f8", "FILTER", ".n == 8"), [b"f11"], "attributes set")
    for text, near in [("", ""), (".n = 5", " 5"), (".n >", ".n >"), ("(.n", "(.n"), (".n 5", ".n 5"), (".n AND 1", " 1"), ("'x", "'x")]:
        fails(r, "syntax error in FILTER expression near: " + near, "VSIM", "f", "ELE", "f1", "FILTER", text)
    for most in (2**62, 2**63 - 1):
        same(len(run("VSIM", "f", "ELE", "f1", "COUNT", most)), 400, "COUNT as large as it gets")
        same(len(run("VSIM", "f", "ELE", "f1", "COUNT", most, "TRUTH")), 400, "the same with TRUTH")
        same(len(run("VSIM", "f", "ELE", "f1", "COUNT", most, "FILTER", ".n >= 0", "FILTER-EF", most)), len(every), "and FILTER")
    fails(r, "invalid FILTER-EF", "VSIM", "f", "ELE", "f1", "FILTER-EF", 0)
    fails(r, "syntax error in VSIM command", "VSIM", "f", "ELE", "f1", "FILTER")
    same(r.delete("f"), 1, "DEL f")

    # Faults of VADD, in the reference's words and order; none of them makes a key.
    fails(r, "wrong number of arguments for 'VADD' command", "VADD", "n", "FP32", blob(1))
    fails(r, "invalid vector specification", "VADD", "n", "FP32", b"abc", "e")
    fails(r, "invalid vector specification", "VADD", "n", "VALUES", 0, "e")
    fails(r, "invalid vector specification", "VADD", "n", "VALUES", 2, "nan", 1, "e")
    fails(r, "wrong number of arguments for 'VADD' command", "VADD", "n", "VALUES", 2, 1, 1)
    fails(r, "invalid EF", "VADD", "n", "VALUES", 1, 1, "e", "EF", 0)
    fails(r, "invalid M", "VADD", "n", "VALUES", 1, 1, "e", "M", 3)
    fails(r, "invalid option after element", "VADD", "n", "VALUES", 1, 1, "e", "WHAT")
    same(r.exists("n"), 0, "a failed VADD makes no key")
    fails(r, "asked quantization mismatch with existing vector set", "VADD", "s", "VALUES", 3, 1, 1, 1, "e", "NOQUANT")
    fails(r, "asked M value mismatch with existing vector set", "VADD", "s", "VALUES", 3, 1, 1, 1, "e", "M", 8)
    fails(r, "Vector dimension mismatch - got 2 but set has 3", "VADD", "s", "VALUES", 2, 1, 1, "e")
    fails(r, "key does not exist", "VDIM", "none")

    # Attributes.
    same(run("VGETATTR", "s", "b"), b'{"n":1}', "VGETATTR")
    same(run("VGETATTR", "s", "a"), None, "VGETATTR none")
    same(run("VSETATTR", "s", "a", "any text"), yes, "VSETATTR")
    same(run("VGETATTR", "s", "a"), b"any text", "VGETATTR set")
    same(run("VSETATTR", "s", "a", ""), yes, "VSETATTR empty")
    same(run("VGETATTR", "s", "a"), None, "VGETATTR removed")
    same(run("VSETATTR", "s", "z", "x"), no, "VSETATTR absent")

    info = run("VINFO", "s")
    info = dict(zip(info[::2], info[1::2])) if protocol == 2 else info
    same(
        [info[k] for k in (b"quant-type", b"hnsw-m", b"vector-dim", b"projection-input-dim", b"size", b"attributes-count")],
        [b"int8", 16, 3, 0, 3, 1],
        "VINFO",
    )
    same(run("VINFO", "none"), None, "VINFO missing")

    # Removal; the last element takes the key along.
    same(run("VREM", "s", "a"), yes, "VREM")
    same(run("VREM", "s", "a"), no, "VREM again")
    same(run("VREM", "s", ""), yes, "VREM empty name")
    same(run("VREM", "s", "b"), yes, "VREM last")
    same(r.exists("s"), 0, "no element, no key")

    # NOQUANT: floats as they came.
    run("VADD", "f", "FP32", blob(3, 4), "e", "NOQUANT", "M", 5)
    same([number(x) for x in run("VEMB", "f", "e")], [3.0, 4.0], "VEMB f32")
    same(run("VEMB", "f", "e", "RAW")[:2], [b"f32", blob(0.6, 0.8)], "VEMB f32 RAW")
    same(r.delete("f", "none"), 1, "DEL")

    # Pictures.
    same(run("VADD", "p", "IMAGE", image, "one", "SETATTR", '{"album":"2024"}'), yes, "VADD IMAGE")
    same(run("VADD", "p", "IMAGE", other, "BOX", 0, 0, 0.5, 0.5, "two"), yes, "VADD IMAGE BOX")
    same(run("VADD", "p", "IMAGE", other, "BOX"), yes, "an element named BOX")
    same(run("VADD", "p", "IMAGE", other, "BOX", "SETATTR", "{}", "EF", "200", "CAS"), no, "BOX with options")
    same(run("VREM", "p", "BOX"), yes, "VREM of BOX")
    same(len(run("VSIM", "p", "IMAGE", image, "BOX", 0, 0, "1e-300", 1)), 2, "a box thinner than a pixel")
    same(run("VSIM", "p", "IMAGE", image, "COUNT", 1), [b"one"], "VSIM IMAGE")
    same(run("VSIM", "p", "IMAGE", other, "BOX", 0, 0, 0.5, 0.5, "COUNT", 1), [b"two"], "VSIM IMAGE BOX")
    vector = [number(x) for x in run("EMBED", "IMAGE", image)]
    close(sum(x * x for x in vector), 1, "EMBED is a unit vector", 1e-5)
    raw = run("EMBED", "IMAGE", image, "MODEL", "baseline-v1", "RAW")
    same(list(struct.unpack(f"<{len(vector)}f", raw)), vector, "EMBED RAW")
    same(run("VSIM", "p", "FP32", raw, "COUNT", 1), [b"one"], "VSIM by the embedded vector")
    same(run("VTHUMB", "p", "one")[:2], b"\xff\xd8", "VTHUMB")
    for bad, reason in ((b"text", "notAnImage"), (b"GIF89a....", "unsupported: GIF")):
        try:
            run("VADD", "q", "IMAGE", bad, "e")
            sys.exit("a bad image was accepted")
        except redis.ResponseError as error:
            same(str(error), f"IMAGE {reason}", "IMAGE error")
    same(r.exists("q"), 0, "a bad image makes no key")
    fails(r, "invalid BOX: give x y width height as fractions of the picture, inside 0..1",
          "VSIM", "p", "IMAGE", image, "BOX", 0.5, 0.5, 0.6, 0.5)
    run("VADD", "v", "VALUES", 2, 1, 2, "e")
    fails(r, "collection 'v' holds vectors that were not made from images here: query it by vector or element",
          "VSIM", "v", "IMAGE", image)

    # redis-py's own vector-set methods.
    v = r.vset()
    same(v.vadd("w", [0.1, 0.9, 0.3], "x", attributes={"k": 1}), yes, "vset().vadd")
    same(v.vadd("w", blob(0.9, 0.1, 0.3), "y"), yes, "vset().vadd bytes")
    same(v.vcard("w"), 2, "vset().vcard")
    same(v.vsim("w", [0.1, 0.9, 0.3], count=1), [b"x"], "vset().vsim")
    same(list(v.vsim("w", "x", with_scores=True)), [b"x", b"y"], "vset().vsim with scores")
    same(v.vgetattr("w", "x"), {"k": 1}, "vset().vgetattr")
    same(v.vsim("w", "y", filter=".k == 1", filter_ef=10), [b"x"], "vset().vsim with a filter")
    same(v.vrem("w", "x"), yes, "vset().vrem")

    # Pipelines keep their order; what is not there yet says so.
    pipe = r.pipeline(transaction=False)
    for i in range(300):
        pipe.execute_command("VADD", "l", "VALUES", 2, i, 1, f"e{i}")
        pipe.execute_command("VCARD", "l")
        pipe.execute_command("ECHO", str(i))
    replies = pipe.execute()
    same(replies, [x for i in range(300) for x in (yes, i + 1, str(i).encode())], "pipeline")
    # Replies of several megabytes are whole, however the conversation ends.
    for i in range(200):
        pipe.execute_command("VADD", "big", "VALUES", 1, i + 1, f"e{i}", "SETATTR", "x" * 10_000)
    pipe.execute()
    words = ["VSIM", "big", "ELE", "e0", "COUNT", "200", "WITHATTRIBS"]
    ask = f"*{len(words)}\r\n".encode() + b"".join(f"${len(w)}\r\n{w}\r\n".encode() for w in words)
    one = converse(ask, True)
    same(one > 2_000_000, True, "a large reply")
    same(converse(ask * 5, True), 5 * one, "large replies and a half-closed connection")
    same(converse(ask * 3 + b"QUIT\r\n", False), 3 * one + 5, "large replies and QUIT")
    same(converse(ask * 2 + b"*1\r\n:1\r\n", False) > 2 * one, True, "large replies and a protocol error")
    same(r.delete("big"), 1, "DEL big")

    fails(r, "'VLINKS' is not supported yet", "VLINKS", "l", "e1")
    saved = r.execute_command("LASTSAVE")
    same(run("SAVE"), True, "SAVE")
    same(r.execute_command("LASTSAVE") >= saved, True, "LASTSAVE")
    same(bool(r.execute_command("BGSAVE")), True, "BGSAVE")
    fails(r, "no such key", "RENAME", "none", "n")
    same(run("RENAME", "l", "renamed"), True, "RENAME")
    same(r.execute_command("EXISTS", "l", "renamed"), 1, "EXISTS after RENAME")
    same(run("RENAME", "renamed", "l"), True, "RENAME back")
    same(r.delete("p", "v", "w", "l"), 4, "DEL many")
    r.close()

print(f"{checks} checks")
