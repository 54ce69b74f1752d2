import NIOCore
import RESP
import TestSupport
import Testing

@Suite("Requests are framed as the protocol says")
struct RequestDecoderTests {
    private func decode(_ bytes: [UInt8], limits: RESPLimits = RESPLimits()) throws -> [[String]] {
        var buffer = ByteBuffer(bytes: bytes)
        var decoder = RESPRequestDecoder(limits: limits)
        var requests: [[String]] = []
        while let request = try decoder.decode(buffer: &buffer) {
            requests.append(request.words.map { String(buffer: $0) })
        }
        return requests
    }

    private func decode(_ text: String, limits: RESPLimits = RESPLimits()) throws -> [[String]] {
        try decode([UInt8](text.utf8), limits: limits)
    }

    @Test(arguments: [
        ("*1\r\n$4\r\nPING\r\n", [["PING"]]),
        ("*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", [["ECHO", ""]]),
        ("*2\r\n$4\r\nECHO\r\n$4\r\na\r\nb\r\n", [["ECHO", "a\r\nb"]]),
        ("*0\r\n*-1\r\n*1\r\n$1\r\nx\r\n", [["x"]]),
        ("PING\r\nECHO  hi\r\n", [["PING"], ["ECHO", "hi"]]),
        ("PING\n\r\n\nQUIT\n", [["PING"], ["QUIT"]]),
        ("SET \"a b\" 'c d' \"\\x41\\n\\\"\" 'it\\'s'\r\n", [["SET", "a b", "c d", "A\n\"", "it's"]]),
        ("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI", [["PING"]]),
    ])
    func whole(_ text: String, _ expected: [[String]]) throws {
        #expect(try decode(text) == expected)
    }

    @Test(arguments: [
        ("*x\r\n", "invalid multibulk length"),
        ("*1048577\r\n", "invalid multibulk length"),
        ("*1\r\n:1\r\n", "expected '$', got ':'"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$1x\r\n", "invalid bulk length"),
        ("SET \"a\r\n", "unbalanced quotes in request"),
        ("SET \"a\"b\r\n", "unbalanced quotes in request"),
    ])
    func refused(_ text: String, _ reason: String) {
        #expect(throws: RESPProtocolError(reason)) { try decode(text) }
    }

    @Test func limitsAtAndPastTheirValue() throws {
        var limits = RESPLimits()
        limits.bulkBytes = 5
        limits.arguments = 2
        limits.inlineBytes = 16
        #expect(try decode("*1\r\n$5\r\nabcde\r\n", limits: limits) == [["abcde"]])
        #expect(throws: RESPProtocolError("invalid bulk length")) { try decode("*1\r\n$6\r\n", limits: limits) }
        #expect(try decode("*2\r\n$1\r\na\r\n$1\r\nb\r\n", limits: limits) == [["a", "b"]])
        #expect(throws: RESPProtocolError("invalid multibulk length")) { try decode("*3\r\n", limits: limits) }
        let sixteen = String(repeating: "x", count: 16)
        #expect(try decode(sixteen + "\n", limits: limits) == [[sixteen]])
        #expect(throws: RESPProtocolError("too big inline request")) { try decode(sixteen + "x", limits: limits) }
        // All words together, although none is too long by itself.
        limits.requestBytes = 20
        #expect(throws: RESPProtocolError("request too large")) {
            try decode("*2\r\n$5\r\nabcde\r\n$5\r\nabcde\r\n", limits: limits)
        }
    }

    @Test func anySplitGivesTheSameRequests() throws {
        let bytes = [UInt8](
            "*3\r\n$4\r\nVADD\r\n$1\r\nk\r\n$6\r\n\0\r\n\r\n1\r\nPING \"x y\"\r\n*1\r\n$4\r\nQUIT\r\n".utf8)
        let whole = try decode(bytes)
        #expect(whole.count == 3)
        for first in 0...bytes.count {
            for second in [first, (first + bytes.count) / 2, bytes.count] {
                var decoder = RESPRequestDecoder()
                var buffer = ByteBuffer()
                var requests: [[String]] = []
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    buffer.writeBytes(piece)
                    while let request = try decoder.decode(buffer: &buffer) {
                        requests.append(request.words.map { String(buffer: $0) })
                    }
                }
                #expect(requests == whole, "split at \(first) and \(second)")
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        let seed = SeededRandom.seed
        var random = SeededRandom(seed: seed)
        let alphabet = [UInt8]("*$\r\n0123456789-+:PING\"'\\x \0".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            var buffer = ByteBuffer(bytes: bytes)
            var decoder = RESPRequestDecoder()
            do {
                while let request = try decoder.decode(buffer: &buffer) { #expect(!request.words.isEmpty) }
            } catch {
                #expect(error is RESPProtocolError, "seed \(seed): \(bytes)")
            }
        }
    }
}
