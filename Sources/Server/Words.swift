import NIOCore
import RESP

/// The words of a request, as commands read them.
struct Words: Sendable {
    private let words: [ByteBuffer]

    init(_ words: [ByteBuffer]) { self.words = words }

    /// Number of words, the command's name included.
    var count: Int { words.count }

    /// The word at `index` as bytes. A copy: for vectors and pictures the copy that the decoder needs anyway.
    func bytes(_ index: Int) -> [UInt8] { [UInt8](words[index].readableBytesView) }

    /// The word at `index` as text, repaired where it is not UTF-8.
    func text(_ index: Int) -> String { String(buffer: words[index]) }

    /// The bytes of the word at `index`, without a copy.
    func view(_ index: Int) -> ByteBufferView { words[index].readableBytesView }

    /// Whether the word at `index` is the keyword `keyword` (written in upper case), in any case.
    func matches(_ index: Int, _ keyword: StaticString) -> Bool {
        let view = words[index].readableBytesView
        guard view.count == keyword.utf8CodeUnitCount else { return false }
        return keyword.withUTF8Buffer { keyword in
            zip(view, keyword).allSatisfy { word, letter in
                (0x61...0x7A).contains(word) ? word - 0x20 == letter : word == letter
            }
        }
    }

    /// The word at `index` as a decimal integer, nil for anything else.
    func integer(_ index: Int) -> Int? {
        Int(text(index)).flatMap { String($0) == text(index) ? $0 : nil }
    }

    /// The word at `index` as a double, in the spellings of C's `strtod`; NaN and spaces around are refused.
    func double(_ index: Int) -> Double? {
        let text = text(index)
        guard let value = Double(text), !value.isNaN else { return nil }
        // `1e400` overflows to infinity: refused, unlike infinity spelt out.
        if value.isInfinite, !text.lowercased().contains("inf") { return nil }
        return value
    }
}

extension Words {
    /// The word at `index` as it came.
    func buffer(_ index: Int) -> ByteBuffer { words[index] }
}
