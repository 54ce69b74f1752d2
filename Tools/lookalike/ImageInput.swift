import ArgumentParser
import Embedding
import ImageDecoding
import Indexing
import Presentation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Image files named on the command line.
enum ImageInput {
    /// The bytes of a file, or of standard input for `-`.
    static func read(_ path: String) throws -> [UInt8] {
        guard path == "-" else { return try read(RawArguments.bytes(path)) }
        return try contents(FileContents.readStandardInput(atMost: DecodingLimits.standard.fileBytes), path)
    }

    /// The bytes of a file.
    static func read(_ path: [UInt8]) throws -> [UInt8] {
        try contents(
            FileContents.read(path, atMost: DecodingLimits.standard.fileBytes), StandardStream.readable(path))
    }

    /// Longest list of paths on standard input, in bytes.
    private static let listLimit = 1 << 30

    /// The lines of standard input, which are paths of any bytes.
    static func lines() throws -> [[UInt8]] {
        switch FileContents.readStandardInput(atMost: listLimit) {
        case .success(let bytes): return bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        case .failure(let fault): throw Failure("the list of paths could not be read: \(fault)")
        }
    }

    private static func contents(_ result: Result<[UInt8], FileContents.Fault>, _ name: String) throws -> [UInt8] {
        switch result {
        case .success(let bytes): return bytes
        case .failure(let fault): throw Failure("\(name): \(fault): give a JPEG or PNG file")
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
        // Devices and pipes are written to as they are; a file is replaced when its successor is complete.
        var facts = stat()
        let isFile = stat(path, &facts) != 0 || facts.st_mode & S_IFMT == S_IFREG
        let target = isFile ? path + ".part" : path
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failed() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = failed()
                close(descriptor)
                if isFile { unlink(target) }
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        if isFile, rename(target, path) != 0 { throw failed() }
    }
}
