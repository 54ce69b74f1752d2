import NIOCore
import RESP
import TestSupport
import Testing

@Suite("Replies in both dialects")
struct ReplyTests {
    private func text(_ reply: RESPReply, _ version: RESPVersion) -> String {
        var buffer = ByteBuffer()
        buffer.writeRESP(reply, version)
        return String(buffer: buffer)
    }

    @Test(arguments: [
        (RESPReply.ok, "+OK\r\n", "+OK\r\n"),
        (.error("ERR no\r\n+OK"), "-ERR no  +OK\r\n", "-ERR no  +OK\r\n"),
        (.integer(-3), ":-3\r\n", ":-3\r\n"),
        (.bulk([0, 13, 10]), "$3\r\n\0\r\n\r\n", "$3\r\n\0\r\n\r\n"),
        (.double(0.5), "$3\r\n0.5\r\n", ",0.5\r\n"),
        (.boolean(true), ":1\r\n", "#t\r\n"),
        (.boolean(false), ":0\r\n", "#f\r\n"),
        (.null, "$-1\r\n", "_\r\n"),
        (.nullArray, "*-1\r\n", "_\r\n"),
        (.array([.integer(1), .null]), "*2\r\n:1\r\n$-1\r\n", "*2\r\n:1\r\n_\r\n"),
        (.map([.init(.text("a"), .double(1))]), "*2\r\n$1\r\na\r\n$1\r\n1\r\n", "%1\r\n$1\r\na\r\n,1\r\n"),
        (.map([]), "*0\r\n", "%0\r\n"),
    ])
    func written(_ reply: RESPReply, _ two: String, _ three: String) {
        #expect(text(reply, .resp2) == two)
        #expect(text(reply, .resp3) == three)
    }

    /// Texts of the reference, and of the layout rules at their limits.
    @Test(arguments: [
        (1.0, "1"), (0.0, "0"), (-0.0, "-0"), (123_456_792.0, "123456792"), (0.9964711666107178, "0.9964711666107178"),
        (0.992125928401947, "0.992125928401947"), (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
        (0.25, "0.25"), (-2.5, "-2.5"), (0.00001, "0.00001"), (1.234e-5, "1.234e-5"), (0.001234, "0.001234"),
        (1e-7, "1e-7"), (1.5e300, "1.5e+300"), (1e22, "1e+22"), (123456.789, "123456.789"),
        (.leastNonzeroMagnitude, "5e-324"),
    ])
    func doubles(_ value: Double, _ expected: String) {
        #expect(RESPDouble.text(of: value) == expected)
    }

    @Test func doublesReadBackExactly() {
        var random = SeededRandom(seed: SeededRandom.seed(of: 7))
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(Double(RESPDouble.text(of: value)) == value)
            let small = Double.random(in: -1...1, using: &random)
            #expect(Double(RESPDouble.text(of: small)) == small)
        }
    }

    @Test func repliesReadBack() throws {
        let replies: [RESPReply] = [
            .ok, .error("ERR x"), .integer(-12), .bulk([1, 2, 3]), .double(0.25), .boolean(true), .null,
            .array([.bulk([]), .array([.integer(1)])]), .map([.init(.text("k"), .null)]),
        ]
        var buffer = ByteBuffer()
        for reply in replies { buffer.writeRESP(reply, .resp3) }
        // Drip-fed: never a reply before its last byte, and all of them at the end.
        var decoder = RESPReplyDecoder()
        var received = ByteBuffer()
        var read: [RESPReply] = []
        for byte in buffer.readableBytesView {
            received.writeInteger(byte)
            while let reply = try decoder.decode(buffer: &received) { read.append(reply) }
        }
        #expect(read == replies)
    }

    @Test(arguments: ["?1\r\n", "$x\r\n", ",abc\r\n", String(repeating: "*1\r\n", count: 20) + ":1\r\n"])
    func nonsenseIsRefused(_ text: String) {
        var decoder = RESPReplyDecoder()
        var buffer = ByteBuffer(string: text)
        #expect(throws: RESPProtocolError.self) { try decoder.decode(buffer: &buffer) }
    }
}
