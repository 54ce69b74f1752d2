import ArgumentParser
import Embedding
import ImageDecoding
import Indexing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Image files named on the command line.
enum ImageInput {
    /// The bytes of a file, or of standard input for `-`.
    static func read(_ path: String) throws -> [UInt8] {
        let limit = DecodingLimits.standard.fileBytes
        let contents =
            path == "-"
            ? FileContents.readStandardInput(atMost: limit) : FileContents.read([UInt8](path.utf8), atMost: limit)
        switch contents {
        case .success(let bytes): return bytes
        case .failure(let fault): throw Failure("\(path): \(fault): give a JPEG or PNG file")
        }
    }
}

/// `X,Y,W,H` on the command line.
struct BoxArgument: ExpressibleByArgument {
    let box: Box

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
            let height = numbers[3], let box = Box(x: x, y: y, width: width, height: height)
        else { return nil }
        self.box = box
    }
}

/// Text written to a file whole, or not at all.
enum TextFile {
    static func write(_ text: String, to path: String) throws { try write([UInt8](text.utf8), to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        func failed() -> Failure {
            Failure("cannot write \(path) (\(String(cString: strerror(errno)))): give a path in a writable folder")
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failed() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failed() }
            rest = rest.dropFirst(count)
        }
    }
}
